#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/model/staleness.h"
#include "base/strings.h"
#include "promql/engine.h"
#include "tests/testing/memory_store.h"

// Native histograms on their way through queries: which samples are seen, and where they go.
namespace tidemark::promql {
namespace {

using ::testing::ElementsAreArray;
using Lines = std::vector<std::string>;

FloatHistogramSample Histogram(double count) {
  HistogramLayout layout;
  layout.positive_spans = {{0, 2}};
  FloatHistogramSample h;
  h.layout = std::make_shared<HistogramLayout>(std::move(layout));
  h.count = count;
  h.sum = 10 * count;
  h.positive_counts = {1, count - 1};
  return h;
}

FloatHistogramSample StaleHistogram() {
  FloatHistogramSample h;
  h.layout = std::make_shared<HistogramLayout>();
  h.sum = StaleMarker();
  return h;
}

// `5` for a float, `<5>` for a histogram with 5 observations.
std::string Text(double value) { return StrCat(value); }
std::string Text(const HistogramPtr& histogram) { return StrCat("<", histogram->count, ">"); }

std::string Text(const Series& series) {
  std::map<TimestampMs, std::string> samples;
  for (const Sample& s : series.samples) samples[s.timestamp] = Text(s.value);
  for (const HistogramPoint& h : series.histograms) samples[h.timestamp] = Text(h.histogram);
  std::string line = series.labels.ToString();
  for (const auto& [time, text] : samples) StrAppend(&line, " ", text, "@", time / kSecond);
  return line;
}

class NativeHistogramTest : public ::testing::Test {
 protected:
  // `f` has floats, `h` histograms, `mixed` both in turns, `gone` histograms until 2m.
  NativeHistogramTest() : pool_(2) {
    for (int minute = 0; minute < 8; ++minute) {
      Add("f", minute, minute + 0.5);
      Add("h", minute, Histogram(minute + 2));
      if (minute % 4 < 2) {
        Add("mixed", minute, static_cast<double>(minute));
      } else {
        Add("mixed", minute, Histogram(minute));
      }
      if (minute <= 2) Add("gone", minute, Histogram(9));
    }
    Add("gone", 3, StaleHistogram());
  }

  void Add(std::string_view name, int minute, testing::MemoryStore::StoredValue value) {
    store_.AddValue({{"__name__", name}, {"a", "b"}}, minute * kMinute, std::move(value));
  }

  absl::StatusOr<QueryResult> Ask(std::string_view text, std::optional<EvalTimes> times,
                                  const EngineOptions& options = {},
                                  const QueryOptions& query_options = {}) {
    Engine engine(options, pool_, metrics_);
    const auto query = Query::Parse(text, {.experimental_functions = true});
    if (!query.ok()) return query.status();
    const auto querier = store_.NewQuerier();
    return times ? engine.Range(*query, *querier, *times, cancellation_, query_options)
                 : engine.Instant(*query, *querier, 5 * kMinute, cancellation_, query_options);
  }

  // The series of a range query over minutes 0 to 4 in order, or of an instant one at 5m.
  Lines Ask(std::string_view text, bool instant = false) {
    const EvalTimes times = {0, 4 * kMinute, kMinute};
    const auto result = Ask(text, instant ? std::nullopt : std::optional(times));
    if (!result.ok()) return {std::string(ToStd(result.status().message()))};
    Lines lines;
    if (const auto* vector = std::get_if<InstantVector>(&result->value)) {
      for (const VectorSample& s : *vector) {
        lines.push_back(StrCat(s.labels.ToString(), " ",
                               s.histogram != nullptr ? Text(s.histogram) : Text(s.value)));
      }
      return lines;
    }
    for (const Series& series : std::get<Matrix>(result->value)) lines.push_back(Text(series));
    for (const std::string& text : result->annotations.warnings()) lines.push_back(text);
    for (const std::string& text : result->annotations.infos()) lines.push_back(text);
    return lines;
  }

  testing::MemoryStore store_;
  ThreadPool pool_;
  MetricRegistry metrics_;
  Cancellation cancellation_;
};

TEST_F(NativeHistogramTest, PassThroughRangeQueries) {
  struct Case {
    std::string_view query;
    Lines want;
  };
  const Case kCases[] = {
      {"h", {"h{a=\"b\"} <2>@0 <3>@60 <4>@120 <5>@180 <6>@240"}},
      {"mixed", {"mixed{a=\"b\"} 0@0 1@60 <2>@120 <3>@180 4@240"}},
      {"gone", {"gone{a=\"b\"} <9>@0 <9>@60 <9>@120"}},
      {"h offset 3m", {"h{a=\"b\"} <2>@180 <3>@240"}},
      {"h @ 120", {"h{a=\"b\"} <4>@0 <4>@60 <4>@120 <4>@180 <4>@240"}},
      {"timestamp(h)", {"{a=\"b\"} 0@0 60@60 120@120 180@180 240@240"}},
      {"timestamp(mixed * 1 or h)", {"{a=\"b\"} 0@0 60@60 120@120 180@180 240@240"}},
      {"h and f > 1 < 4", {"h{a=\"b\"} <3>@60 <4>@120 <5>@180"}},
      {"f unless on () gone", {"f{a=\"b\"} 3.5@180 4.5@240"}},
      {"gone or on () f", {"f{a=\"b\"} 3.5@180 4.5@240", "gone{a=\"b\"} <9>@0 <9>@60 <9>@120"}},
      {"absent(gone)", {"{} 1@180 1@240"}},
      {"scalar(mixed)", {"{} 0@0 1@60 nan@120 nan@180 4@240"}},
      {"scalar({a=\"b\", __name__=~\"f|h\"})", {"{} 0.5@0 1.5@60 2.5@120 3.5@180 4.5@240"}},
      {"abs(mixed)", {"{a=\"b\"} 0@0 1@60 4@240"}},
      {"label_replace(h, \"a\", \"c\", \"\", \"\")",
       {"h{a=\"c\"} <2>@0 <3>@60 <4>@120 <5>@180 <6>@240"}},
      {"limitk(1, h)", {"h{a=\"b\"} <2>@0 <3>@60 <4>@120 <5>@180 <6>@240"}},
      {"count({a=\"b\"})", {"{} 4@0 4@60 4@120 3@180 3@240"}},
      {"group(gone)", {"{} 1@0 1@60 1@120"}},
  };
  for (const Case& c : kCases) EXPECT_THAT(Ask(c.query), ElementsAreArray(c.want)) << c.query;
}

TEST_F(NativeHistogramTest, PassThroughInstantQueries) {
  struct Case {
    std::string_view query;
    Lines want;
  };
  const Case kCases[] = {
      {"h", {"h{a=\"b\"} <7>"}},
      {"gone", {}},
      {"mixed offset 2m", {"mixed{a=\"b\"} <3>"}},
      {"mixed[3m]", {"mixed{a=\"b\"} <3>@180 4@240 5@300"}},
      {"gone[10m]", {"gone{a=\"b\"} <9>@0 <9>@60 <9>@120"}},
      {"mixed[4m:2m]", {"mixed{a=\"b\"} <2>@120 4@240"}},
      {"sort({a=\"b\"})", {"mixed{a=\"b\"} 5", "f{a=\"b\"} 5.5"}},
      {"sort_by_label(h, \"a\")", {"h{a=\"b\"} <7>"}},
  };
  for (const Case& c : kCases) {
    EXPECT_THAT(Ask(c.query, /*instant=*/true), ElementsAreArray(c.want)) << c.query;
  }
}

TEST_F(NativeHistogramTest, Aggregate) {
  struct Case {
    std::string_view query;
    Lines want;
  };
  const std::string kMix =
      "PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)";
  const std::string kWant = "{} <2>@0 <3>@60 <4>@120 <5>@180 <6>@240";
  const Case kCases[] = {
      {"sum(h)", {kWant}},
      {"avg(h)", {kWant}},
      {"sum({__name__=~\"h|gone\"})", {"{} <11>@0 <12>@60 <13>@120 <5>@180 <6>@240"}},
      {"avg({__name__=~\"h|gone\"})", {"{} <5.5>@0 <6>@60 <6.5>@120 <5>@180 <6>@240"}},
      {"sum({__name__=~\"f|gone\"})", {"{} 3.5@180 4.5@240", kMix}},
      {"avg({__name__=~\"f|gone\"})", {"{} 3.5@180 4.5@240", kMix}},
      {"sum({__name__=~\"h|mixed\"})", {"{} <6>@120 <8>@180", kMix}},
      {"max({a=\"b\"})",
       {"{} 0.5@0 1.5@60 2.5@120 3.5@180 4.5@240",
        "PromQL info: ignored histogram in max aggregation (1:5)"}},
      {"stddev(mixed)",
       {"{} 0@0 0@60 0@240", "PromQL info: ignored histogram in stddev aggregation (1:8)"}},
      {"quantile(1, mixed)",
       {"{} 0@0 1@60 4@240", "PromQL info: ignored histogram in quantile aggregation (1:13)"}},
      {"topk(1, mixed)",
       {"mixed{a=\"b\"} 0@0 1@60 4@240",
        "PromQL info: ignored histogram in topk aggregation (1:1)"}},
      {"topk(0, mixed)", {}},
      {"count_values(\"v\", gone)",
       {"{v=\"{count:9, sum:90, (0.5,1]:1, (1,2]:8}\"} 1@0 1@60 1@120"}},
  };
  for (const Case& c : kCases) EXPECT_THAT(Ask(c.query), ElementsAreArray(c.want)) << c.query;
}

TEST_F(NativeHistogramTest, Operate) {
  struct Case {
    std::string_view query;
    Lines want;
  };
  const auto types = [](std::string_view op, std::string_view left, std::string_view right,
                        int column = 1) {
    return StrCat("PromQL info: incompatible sample types encountered for binary operator \"", op,
                  "\": ", left, " ", op, " ", right, " (1:", column, ")");
  };
  const Case kCases[] = {
      {"-gone", {"{a=\"b\"} <-9>@0 <-9>@60 <-9>@120"}},
      {"gone * 2", {"{a=\"b\"} <18>@0 <18>@60 <18>@120"}},
      {"2 * gone", {"{a=\"b\"} <18>@0 <18>@60 <18>@120"}},
      {"gone / 3", {"{a=\"b\"} <3>@0 <3>@60 <3>@120"}},
      {"3 / gone", {types("/", "float", "histogram")}},
      {"gone + 1", {types("+", "histogram", "float")}},
      {"gone > 1", {types(">", "histogram", "float")}},
      {"1 < bool gone", {types("<", "float", "histogram")}},
      {"mixed + 1", {"{a=\"b\"} 1@0 2@60 5@240", types("+", "histogram", "float")}},
      {"gone + h", {"{a=\"b\"} <11>@0 <12>@60 <13>@120"}},
      {"gone - h", {"{a=\"b\"} <7>@0 <6>@60 <5>@120"}},
      {"gone * h", {types("*", "histogram", "histogram")}},
      {"f * gone", {"{a=\"b\"} <4.5>@0 <13.5>@60 <22.5>@120"}},
      {"mixed == mixed", {"mixed{a=\"b\"} 0@0 1@60 <2>@120 <3>@180 4@240"}},
      {"h == bool mixed offset 1m", {"{a=\"b\"} 0@180 0@240", types("==", "histogram", "float")}},
      {"h != gone", {"h{a=\"b\"} <2>@0 <3>@60 <4>@120"}},
      {"gone == bool h", {"{a=\"b\"} 0@0 0@60 0@120"}},
      {"gone >/ 0", {"gone{a=\"b\"} <9>@0 <9>@60 <9>@120"}},
      {"gone </ 1", {"gone{a=\"b\"} <1>@0 <1>@60 <1>@120"}},
      {"f </ 1", {types("</", "float", "float")}},
      {"1 </ gone", {types("</", "float", "histogram")}},
      {"gone >/ f", {"gone{a=\"b\"} <9>@0 <3.3203>@60 <0>@120"}},
      {"h * on (a) group_left () f", {"{a=\"b\"} <1>@0 <4.5>@60 <10>@120 <17.5>@180 <27>@240"}},
  };
  for (const Case& c : kCases) EXPECT_THAT(Ask(c.query), ElementsAreArray(c.want)) << c.query;
}

// Below functions of counts alone resets are found while samples are read.
TEST_F(NativeHistogramTest, ResetsAreFoundBelowHistogramCount) {
  FloatHistogramSample goes_on = Histogram(5);
  goes_on.counter_reset_hint = CounterResetHint::kNotCounterReset;
  store_.AddValue({{"__name__", "r"}, {"i", "1"}}, kMinute, goes_on);
  store_.AddValue({{"__name__", "r"}, {"i", "2"}}, 0, Histogram(9));
  store_.AddValue({{"__name__", "r"}, {"i", "2"}}, kMinute, Histogram(4));
  const std::string kConflict =
      "PromQL warning: conflicting counter resets during histogram aggregation (1:21)";
  EXPECT_THAT(Ask("histogram_count(sum(r))"),
              ElementsAreArray(Lines{"{} 9@0 9@60 9@120 9@180 9@240", kConflict}));
  EXPECT_THAT(Ask("histogram_count(sum(r @ 0))"),
              ElementsAreArray(Lines{"{} 9@0 9@60 9@120 9@180 9@240"}));
  EXPECT_THAT(Ask("sum(r)"), ElementsAreArray(Lines{"{} <9>@0 <9>@60 <9>@120 <9>@180 <9>@240"}));
}

TEST_F(NativeHistogramTest, NeighbouringStepsShareOne) {
  const auto result = Ask("h", EvalTimes{0, kMinute - 1, 10 * kSecond});
  ASSERT_TRUE(result.ok()) << result.status();
  const Series& series = std::get<Matrix>(result->value).at(0);
  ASSERT_EQ(series.histograms.size(), 6U);
  for (const HistogramPoint& point : series.histograms) {
    EXPECT_EQ(point.histogram, series.histograms[0].histogram);
  }
}

// A histogram of two buckets and one span is (168 + 8 + 3 * 8) / 16 samples.
TEST_F(NativeHistogramTest, CountAsSeveralSamples) {
  const auto result = Ask("h", std::nullopt, {}, {.collect_statistics = true});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->statistics.queryable_samples, 12U);
  EXPECT_TRUE(Ask("h", std::nullopt, {.max_samples = 24}).ok());
  for (const char* query : {"h", "h[10m]", "h[10m:1m]", "count_over_time(h[10m])"}) {
    EXPECT_EQ(Ask(query, std::nullopt, {.max_samples = 11}).status().code(),
              absl::StatusCode::kResourceExhausted)
        << query;
  }
}

}  // namespace
}  // namespace tidemark::promql
