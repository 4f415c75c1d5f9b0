#include "scrape/expfmt/protobuf_parser.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/model/float_format.h"
#include "base/model/staleness.h"
#include "base/strings.h"
#include "tests/testing/protobuf_fields.h"

namespace tidemark::scrape {
namespace {

using testing::BytesField;
using testing::DoubleField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PackedDoubles;
using testing::PackedSigned;
using testing::SignedField;
using testing::VarintField;

enum Type { kCounter, kGauge, kSummary, kUntyped, kHistogram, kGaugeHistogram };
constexpr uint32_t kValueField[] = {3, 2, 4, 5, 7, 7};

std::string Family(std::string_view name, Type type, std::string_view metrics) {
  std::string message = BytesField(1, name) + VarintField(3, type);
  message.append(metrics);
  std::string delimited;
  AppendLengthPrefixed(message, &delimited);
  return delimited;
}
std::string Label(std::string_view name, std::string_view value) {
  return BytesField(1, BytesField(1, name) + BytesField(2, value));
}
std::string Metric(std::string_view labels, Type type, std::string_view value,
                   std::string_view rest = "") {
  return BytesField(4,
                    std::string(labels) + BytesField(kValueField[type], value) + std::string(rest));
}
std::string Exemplar() {
  return Label("trace_id", "abc") + DoubleField(2, 1) + BytesField(3, VarintField(1, 1700000000));
}

std::string HistogramText(const std::variant<HistogramSample, FloatHistogramSample>& histogram) {
  return std::visit(
      [](const auto& h) {
        std::string text = StrCat("count:", FormatFloat(static_cast<double>(h.count)),
                                  " sum:", FormatFloat(h.sum), " schema:", h.layout->schema,
                                  " zero:", FormatFloat(static_cast<double>(h.zero_count)), "@",
                                  FormatFloat(h.layout->zero_threshold));
        const auto side = [&](std::string_view name, const auto& spans, const auto& counts) {
          for (const BucketSpan& span : spans) {
            StrAppend(&text, " ", name, span.offset, "+", span.length);
          }
          for (const auto count : counts) {
            StrAppend(&text, " ", FormatFloat(static_cast<double>(count)));
          }
        };
        side("p", h.layout->positive_spans, h.positive_counts);
        side("n", h.layout->negative_spans, h.negative_counts);
        if (h.counter_reset_hint == CounterResetHint::kGauge) text += " gauge";
        return text;
      },
      histogram);
}

// Everything that a page says, a line each; the error last.
std::vector<std::string> Read(std::string_view page, HistogramChoice choice = {.native = true}) {
  ProtobufParser parser(page, choice);
  ExpositionEntry entry;
  ExpositionLabels labels;
  std::vector<std::string> lines;
  while (parser.Next(entry)) {
    if (entry.kind > ExpositionEntry::Kind::kHistogram) {
      const std::string_view keyword = entry.kind == ExpositionEntry::Kind::kHelp   ? "HELP "
                                       : entry.kind == ExpositionEntry::Kind::kUnit ? "UNIT "
                                                                                    : "TYPE ";
      lines.push_back(StrCat(keyword, entry.family, " ", entry.text));
      continue;
    }
    const absl::Status status = parser.Labels(labels);
    std::string line(status.ok() ? std::string_view() : ToStd(status.message()));
    for (const auto& [name, value] : labels) {
      StrAppend(&line, name == "__name__" ? "" : StrCat(" ", name, "="), value);
    }
    line += " " + (entry.kind == ExpositionEntry::Kind::kSample ? FormatFloat(entry.value)
                   : std::holds_alternative<FloatHistogramSample>(entry.histogram)
                       ? "float " + HistogramText(entry.histogram)
                       : HistogramText(entry.histogram));
    if (entry.timestamp) StrAppend(&line, " @", *entry.timestamp);
    lines.push_back(line);
  }
  if (!parser.status().ok()) lines.emplace_back(ToStd(parser.status().message()));
  return lines;
}

TEST(ProtobufParserTest, SimpleTypes) {
  const std::string page =
      Family("requests_total", kCounter,
             BytesField(2, "How many.") +
                 Metric(Label("code", "200") + Label("path", "/\n\xc3\xa4"), kCounter,
                        DoubleField(1, 7) + BytesField(2, Exemplar()) +
                            BytesField(3, VarintField(1, 1700000000) + VarintField(2, 5))) +
                 Metric("", kCounter, DoubleField(1, 1), VarintField(6, 1700000000123))) +
      Family("a name", kGauge, Metric(Label("a label", ""), kGauge, DoubleField(1, -0.5))) +
      Family("old", kUntyped,
             BytesField(5, "seconds") + Metric("", kUntyped, "", VarintField(6, 0)));
  EXPECT_THAT(Read(page),
              ElementsAre("HELP requests_total How many.", "TYPE requests_total counter",
                          "requests_total code=200 path=/\n\xc3\xa4 7",
                          "requests_total 1 @1700000000123", "TYPE a name gauge",
                          "a name a label= -0.5", "TYPE old untyped", "UNIT old seconds", "old 0"));
  EXPECT_THAT(Read(""), ElementsAre());
}

TEST(ProtobufParserTest, Summaries) {
  const std::string quantile = BytesField(3, DoubleField(1, 0.5) + DoubleField(2, 0.02));
  EXPECT_THAT(Read(Family("s", kSummary,
                          Metric(Label("a", "b"), kSummary,
                                 VarintField(1, 9) + DoubleField(2, 4.5) + quantile +
                                     BytesField(3, DoubleField(1, 1) + DoubleField(2, NAN)) +
                                     BytesField(4, VarintField(1, 5))))),
              ElementsAre("TYPE s summary", "s_count a=b 9", "s_sum a=b 4.5",
                          "s a=b quantile=0.5 0.02", "s a=b quantile=1.0 NaN"));
}

std::string ClassicFields() {
  return VarintField(1, 6) + DoubleField(2, 3.25) +
         BytesField(3, VarintField(1, 2) + DoubleField(2, 0.1) + BytesField(3, Exemplar())) +
         BytesField(3, DoubleField(4, 5) + DoubleField(2, 1));
}
std::string NativeFields() {
  return SignedField(5, 3) + DoubleField(6, 0.001) + VarintField(7, 1) +
         BytesField(12, SignedField(1, -3) + VarintField(2, 2)) + SignedField(13, 2) +
         SignedField(13, 1) + BytesField(15, VarintField(1, 5)) + BytesField(16, Exemplar());
}
const std::vector<std::string> kClassicLines = {"h_count a=b 6", "h_sum a=b 3.25",
                                                "h_bucket a=b le=0.1 2", "h_bucket a=b le=1.0 5",
                                                "h_bucket a=b le=+Inf 6"};
constexpr std::string_view kNativeLine = "h a=b count:6 sum:3.25 schema:3 zero:1@0.001 p-3+2 2 3";

TEST(ProtobufParserTest, Histograms) {
  const std::string page = Family(
      "h", kHistogram, Metric(Label("a", "b"), kHistogram, ClassicFields() + NativeFields()));
  const auto with_type = [](std::vector<std::string> lines) {
    lines.insert(lines.begin(), "TYPE h histogram");
    return lines;
  };
  EXPECT_EQ(Read(page, {.native = false}), with_type(kClassicLines));
  EXPECT_EQ(Read(page, {.native = false, .always_classic = true}), with_type(kClassicLines));
  EXPECT_EQ(Read(page, {.native = true}), with_type({std::string(kNativeLine)}));
  std::vector<std::string> both = {std::string(kNativeLine)};
  both.insert(both.end(), kClassicLines.begin(), kClassicLines.end());
  EXPECT_EQ(Read(page, {.native = true, .always_classic = true}), with_type(both));
  // Without classic buckets there are no classic series of a native one.
  const std::string native_only = VarintField(1, 6) + DoubleField(2, 3.25) + NativeFields();
  EXPECT_EQ(Read(Family("h", kHistogram, Metric(Label("a", "b"), kHistogram, native_only)),
                 {.native = true, .always_classic = true}),
            with_type({std::string(kNativeLine)}));
  // Without anything native, classic whatever was chosen.
  EXPECT_EQ(Read(Family("h", kHistogram,
                        Metric(Label("a", "b"), kHistogram, ClassicFields() + SignedField(5, 3)))),
            with_type(kClassicLines));
}

TEST(ProtobufParserTest, NativeHistogramsOfEveryKind) {
  const std::string empty_span = BytesField(12, "");
  struct Case {
    std::string_view name;
    Type type;
    std::string fields;
    std::string want;
  };
  const Case kCases[] = {
      {"no observations yet", kHistogram, SignedField(5, 2) + empty_span,
       "count:0 sum:0 schema:2 zero:0@0 p0+0"},
      {"both signs, packed", kGaugeHistogram,
       VarintField(1, 10) + BytesField(9, SignedField(1, 1) + VarintField(2, 2)) +
           PackedSigned(10, {1, 2}) + BytesField(12, VarintField(2, 1)) + PackedSigned(13, {6}),
       "count:10 sum:0 schema:0 zero:0@0 p0+1 6 n1+2 1 3 gauge"},
      {"float", kHistogram,
       DoubleField(4, 2.5) + DoubleField(8, 0.5) + BytesField(12, VarintField(2, 2)) +
           PackedDoubles(14, {0.25, 0.5}) + BytesField(9, VarintField(2, 1)) +
           DoubleField(11, 1.25),
       "float count:2.5 sum:0 schema:0 zero:0.5@0 p0+2 0.25 0.5 n0+1 1.25"},
      {"NaN observed", kHistogram, VarintField(1, 1) + DoubleField(2, StaleMarker()) + empty_span,
       "count:1 sum:NaN schema:0 zero:0@0 p0+0"},
  };
  for (const Case& c : kCases) {
    const auto lines = Read(Family("h", c.type, Metric("", c.type, c.fields)));
    ASSERT_EQ(lines.size(), 2) << c.name << ": " << lines.back();
    EXPECT_EQ(lines[1], "h " + c.want) << c.name;
  }
}

TEST(ProtobufParserTest, TheSameSeriesHaveTheSameBytes) {
  const std::string classic = Metric(Label("a", "b"), kHistogram, ClassicFields());
  const std::string page =
      Family("h", kHistogram, classic + Metric(Label("a", "c"), kHistogram, ClassicFields())) +
      Family("h_count", kCounter, Metric(Label("a", "b"), kCounter, DoubleField(1, 1)));
  std::vector<std::string> first, second;
  for (auto* names : {&first, &second}) {
    ProtobufParser parser(page, {});
    for (ExpositionEntry entry; parser.Next(entry);) {
      if (entry.kind == ExpositionEntry::Kind::kSample) names->emplace_back(entry.series);
    }
  }
  EXPECT_EQ(first, second);
  std::sort(first.begin(), first.end());
  EXPECT_EQ(std::unique(first.begin(), first.end()), first.end());
  EXPECT_EQ(first.size(), 11);
}

TEST(ProtobufParserTest, Errors) {
  const std::string good = Family("up", kGauge, Metric("", kGauge, DoubleField(1, 1)));
  const auto gauge = [](std::string_view labels) {
    return Family("g", kGauge, Metric(labels, kGauge, DoubleField(1, 1)));
  };
  struct Case {
    std::string_view name;
    std::string page, want;
  };
  const Case kCases[] = {
      {"cut off", good.substr(0, good.size() - 1),
       "metric family 2 (\"\"): the page ends within it"},
      {"text", "up 1\n", "metric family 2 (\"\"): the page ends within it"},
      {"a length without end", std::string(11, '\xff'), "the page ends within it"},
      {"no name", Family("", kGauge, ""), "metric family 2 (\"\"): invalid metric name"},
      {"name is not UTF-8", Family("\xff", kGauge, ""), "invalid metric name"},
      {"help is not UTF-8", Family("g", kGauge, BytesField(2, "\xff")), "help text is not valid"},
      {"type of the future", Family("g", static_cast<Type>(6), ""), "unknown metric type 6"},
      {"gauge in a counter's family", Family("g", kCounter, Metric("", kGauge, DoubleField(1, 1))),
       "metric family 2 (\"g\"): a metric has no counter"},
      {"nothing measured", Family("g", kCounter, BytesField(4, "")), "a metric has no counter"},
      {"name is a number", Family("g", kGauge, VarintField(1, 1)), "unknown pbf field type"},
      {"value is a number", Family("g", kGauge, Metric("", kGauge, VarintField(1, 1))),
       "unknown pbf field type"},
      {"negative count",
       Family("g", kHistogram, Metric("", kHistogram, BytesField(12, "") + SignedField(13, -1))),
       "metric family 2 (\"g\"): positive side: bucket number 1 has observation count of -1"},
      {"damaged histogram", Family("g", kHistogram, Metric("", kHistogram, "\x0a")),
       "bad histogram: "},
      {"label without a name", gauge(Label("", "x")), "empty label name"},
      {"label is not UTF-8", gauge(Label("a", "\xff")), "invalid UTF-8 in a label"},
      {"label twice", gauge(Label("a", "b") + Label("a", "c")), "label name is not unique"},
      {"le twice", Family("g", kHistogram, Metric(Label("le", "1"), kHistogram, "")),
       "label name is not unique"},
      {"label is damaged", gauge(BytesField(1, "\x0a\x7f")), "end of buffer"},
  };
  for (const Case& c : kCases) {
    const std::vector<std::string> lines = Read(good + c.page);
    ASSERT_GE(lines.size(), 3) << c.name;
    EXPECT_EQ(lines[1], "up 1") << c.name;
    EXPECT_THAT(lines.back(), HasSubstr(c.want)) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::scrape
