#include "scrape/expfmt/custom_bucket_parser.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/model/float_format.h"
#include "base/strings.h"
#include "scrape/expfmt/openmetrics_parser.h"
#include "scrape/expfmt/prometheus_text_parser.h"
#include "scrape/expfmt/protobuf_parser.h"
#include "tests/testing/protobuf_fields.h"

namespace tidemark::scrape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string HistogramText(const std::variant<HistogramSample, FloatHistogramSample>& histogram) {
  return std::visit(
      [](const auto& h) {
        std::string text = StrCat("sum:", FormatFloat(h.sum), " bounds:");
        for (const double bound : h.layout->custom_values)
          StrAppend(&text, " ", FormatFloat(bound));
        text += " counts:";
        for (const auto count : h.positive_counts) {
          StrAppend(&text, " ", FormatFloat(static_cast<double>(count)));
        }
        if (h.counter_reset_hint == CounterResetHint::kGauge) text += " gauge";
        return text;
      },
      histogram);
}

// The samples that the parser gives, a line each; the error last.
std::vector<std::string> Read(std::unique_ptr<ExpositionParser> page, bool keep_classic,
                              bool gauges_too = true) {
  CustomBucketParser parser(std::move(page), keep_classic, gauges_too);
  ExpositionEntry entry;
  ExpositionLabels labels;
  std::vector<std::string> lines;
  while (parser.Next(entry)) {
    if (entry.kind > ExpositionEntry::Kind::kHistogram) continue;
    EXPECT_TRUE(parser.Labels(labels).ok());
    std::string line;
    for (const auto& [name, value] : labels) {
      StrAppend(&line, name == "__name__" ? "" : StrCat(" ", name, "="), value);
    }
    StrAppend(&line, " ",
              entry.kind == ExpositionEntry::Kind::kSample ? FormatFloat(entry.value)
                                                           : HistogramText(entry.histogram));
    if (entry.timestamp) StrAppend(&line, " @", *entry.timestamp);
    lines.push_back(line);
  }
  if (!parser.status().ok()) lines.emplace_back(ToStd(parser.status().message()));
  return lines;
}
std::vector<std::string> ReadText(std::string_view page, bool keep_classic = false) {
  return Read(std::make_unique<PrometheusTextParser>(page), keep_classic);
}

constexpr std::string_view kPage =
    "before 1\n"
    "# TYPE h histogram\n"
    "h_bucket{a=\"x\",le=\"0.5\"} 1\n"
    "h_bucket{a=\"x\",le=\"+Inf\"} 3\n"
    "h_sum{a=\"x\"} 4.5\n"
    "h_count{a=\"x\"} 3\n"
    "h_bucket{a=\"y\",le=\"1\"} 0.5 7\n"
    "h_bucket{a=\"y\",le=\"+Inf\"} 2 7\n"
    "h_other 8\n"
    "# TYPE g gauge\n"
    "g_bucket{le=\"1\"} 1\n";

TEST(CustomBucketParserTest, ConvertsTheHistogramsOfAPage) {
  EXPECT_THAT(ReadText(kPage), ElementsAre("before 1", "h a=x sum:4.5 bounds: 0.5 counts: 1 2",
                                           "h a=y sum:0 bounds: 1 counts: 0.5 1.5 @7", "h_other 8",
                                           "g_bucket le=1 1"));
  EXPECT_THAT(
      ReadText(kPage, true),
      ElementsAre("before 1", "h_bucket a=x le=0.5 1", "h_bucket a=x le=+Inf 3", "h_sum a=x 4.5",
                  "h_count a=x 3", "h a=x sum:4.5 bounds: 0.5 counts: 1 2",
                  "h_bucket a=y le=1.0 0.5 @7", "h_bucket a=y le=+Inf 2 @7",
                  "h a=y sum:0 bounds: 1 counts: 0.5 1.5 @7", "h_other 8", "g_bucket le=1 1"));
}

TEST(CustomBucketParserTest, TheLastHistogramOfAPage) {
  EXPECT_THAT(ReadText("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\n"),
              ElementsAre("h sum:0 bounds: counts: 3"));
}

TEST(CustomBucketParserTest, LeavesOutWhatContradictsItself) {
  EXPECT_THAT(ReadText("# TYPE h histogram\n"
                       "h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\n"
                       "h_bucket{a=\"b\",le=\"+Inf\"} 2\n"
                       "h_bucket{le=\"x\"} 2\nh_sum{le=\"1\"} 3\n"),
              ElementsAre("h a=b sum:0 bounds: counts: 2", "h_bucket le=x 2", "h_sum le=1.0 3"));
}

TEST(CustomBucketParserTest, GaugeHistogramsOfTextStayAsTheyAre) {
  constexpr std::string_view kOpenMetrics =
      "# TYPE g gaugehistogram\ng_bucket{le=\"+Inf\"} 3\ng_gcount 3\ng_gsum 2\n"
      "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3 # {} 1\nh_count 3\nh_sum 2\n# EOF\n";
  EXPECT_THAT(
      Read(std::make_unique<OpenMetricsParser>(kOpenMetrics), false, /*gauges_too=*/false),
      ElementsAre("g_bucket le=+Inf 3", "g_gcount 3", "g_gsum 2", "h sum:2 bounds: counts: 3"));
}

TEST(CustomBucketParserTest, PassesErrorsOn) {
  EXPECT_THAT(ReadText("# TYPE h histogram\nh_count 1\nh_sum{a} 2\n"),
              ElementsAre(HasSubstr("line 3: expected equal")));
  EXPECT_THAT(ReadText("# TYPE h histogram\nh_count 1\nh_sum\n"),
              ElementsAre(HasSubstr("line 3: expected value after metric")));
}

TEST(CustomBucketParserTest, NativeHistogramsStayAsTheyAre) {
  using testing::BytesField;
  using testing::DoubleField;
  using testing::VarintField;
  const std::string classic = VarintField(1, 2) + DoubleField(2, 1) +
                              BytesField(3, VarintField(1, 1) + DoubleField(2, 0.5));
  const auto family = [&](std::string_view name, uint64_t type, std::string_view fields) {
    std::string page;
    AppendLengthPrefixed(
        BytesField(1, name) + VarintField(3, type) + BytesField(4, BytesField(7, fields)), &page);
    return page;
  };
  const std::string page = family("c", 4, classic) + family("n", 4, classic + BytesField(12, "")) +
                           family("g", 5, classic);
  const auto read = [&](HistogramChoice choice) {
    return Read(std::make_unique<ProtobufParser>(page, choice), choice.always_classic);
  };
  EXPECT_THAT(read({.native = true}),
              ElementsAre("c sum:1 bounds: 0.5 counts: 1 1",
                          "n sum:1 bounds: counts:", "g sum:1 bounds: 0.5 counts: 1 1 gauge"));
  EXPECT_THAT(read({.native = true, .always_classic = true}),
              ElementsAre("c_count 2", "c_sum 1", "c_bucket le=0.5 1", "c_bucket le=+Inf 2",
                          "c sum:1 bounds: 0.5 counts: 1 1", "n sum:1 bounds: counts:", "n_count 2",
                          "n_sum 1", "n_bucket le=0.5 1", "n_bucket le=+Inf 2", "g_count 2",
                          "g_sum 1", "g_bucket le=0.5 1", "g_bucket le=+Inf 2",
                          "g sum:1 bounds: 0.5 counts: 1 1 gauge"));
}

}  // namespace
}  // namespace tidemark::scrape
