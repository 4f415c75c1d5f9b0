#include "http/otlp/otlp_names.h"

#include "gtest/gtest.h"

namespace tidemark::http {
namespace {

constexpr OtlpNames kEscaped = OtlpNames::kUnderscoreEscapingWithSuffixes,
                    kPlain = OtlpNames::kUnderscoreEscapingWithoutSuffixes,
                    kUtf8 = OtlpNames::kNoUtf8EscapingWithSuffixes,
                    kAsIs = OtlpNames::kNoTranslation;

TEST(OtlpNamesTest, Metrics) {
  const auto name = [](std::string_view from, std::string_view unit, OtlpKind kind, bool monotonic,
                       OtlpNames names) {
    return OtlpMetricName({.name = std::string(from),
                           .unit = std::string(unit),
                           .kind = kind,
                           .is_monotonic = monotonic},
                          names);
  };
  struct Case {
    std::string_view name, unit;
    OtlpKind kind;
    bool monotonic;
    OtlpNames names;
    std::string_view want;
  };
  constexpr OtlpKind kGauge = OtlpKind::kGauge, kSum = OtlpKind::kSum, kHist = OtlpKind::kHistogram;
  for (const Case& c : std::initializer_list<Case>{
           {"http.server.duration", "ms", kHist, false, kEscaped,
            "http_server_duration_milliseconds"},
           {"system.io", "By", kSum, true, kEscaped, "system_io_bytes_total"},
           {"system.io", "By", kSum, false, kEscaped, "system_io_bytes"},
           {"io_bytes_total", "By", kSum, true, kEscaped, "io_bytes_total"},
           {"total_io", "", kSum, true, kEscaped, "io_total"},
           {"speed", "m/s", kGauge, false, kEscaped, "speed_meters_per_second"},
           {"speed per second", "m/s", kGauge, false, kEscaped, "speed_per_second_meters"},
           {"requests", "{request}/s", kGauge, false, kEscaped, "requests_per_second"},
           {"requests", "{request}", kSum, true, kEscaped, "requests_total"},
           {"usage", "1", kGauge, false, kEscaped, "usage_ratio"},
           {"ratio.usage", "1", kGauge, false, kEscaped, "usage_ratio"},
           {"usage", "1", kSum, true, kEscaped, "usage_total"},
           {"usage", "1", kHist, false, kEscaped, "usage"},
           {"usage", "%", kGauge, false, kEscaped, "usage_percent"},
           {"a__b..c", "", kGauge, false, kEscaped, "a_b_c"},
           {"job:x", "foo bar", kGauge, false, kEscaped, "job:x_foo_bar"},
           {"3com", "", kGauge, false, kEscaped, "_3com"},
           {"\xc3\xa9", "", kGauge, false, kEscaped, ""},
           {"", "s", kGauge, false, kEscaped, "seconds"},
           {"system.io", "By", kSum, true, kPlain, "system_io"},
           {"a__b", "By", kGauge, false, kPlain, "a__b"},
           {"3com", "", kGauge, false, kPlain, "_3com"},
           {"system.io", "By", kSum, true, kUtf8, "system.io_bytes_total"},
           {"io.total", "m/h", kSum, true, kUtf8, "io.total_meters_per_hour_total"},
           {"io_total", "By", kSum, true, kUtf8, "io_bytes_total"},
           {"usage", "1", kGauge, false, kUtf8, "usage_ratio"},
           {"system.io", "By", kSum, true, kAsIs, "system.io"},
       }) {
    EXPECT_EQ(name(c.name, c.unit, c.kind, c.monotonic, c.names), c.want)
        << c.name << " " << c.unit;
  }
}

TEST(OtlpNamesTest, Labels) {
  struct Case {
    std::string_view key;
    OtlpOptions options;
    std::string_view want;
  };
  const OtlpOptions joined = {.keep_multiple_underscores = false};
  const OtlpOptions plain = {.prefix_underscore = false};
  const OtlpOptions utf8 = {.names = OtlpNames::kNoUtf8EscapingWithSuffixes};
  for (const Case& c : std::initializer_list<Case>{
           {"http.status_code", {}, "http_status_code"},
           {"a..b", {}, "a__b"},
           {"a..b", joined, "a_b"},
           {"0x", {}, "key_0x"},
           {"_a", {}, "key_a"},
           {"_a", plain, "_a"},
           {"__a", {}, "__a"},
           {"\xc3\xa9t\xc3\xa9", {}, "key_t_"},
           {"a.b", utf8, "a.b"},
           {"", {}, ""},
       }) {
    EXPECT_EQ(OtlpLabelName(c.key, c.options), c.want) << c.key;
  }
}

}  // namespace
}  // namespace tidemark::http
