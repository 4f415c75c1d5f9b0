#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "promql/functions/extended_functions.h"
#include "promql/functions/histogram_increase.h"
#include "promql/functions/range_function.h"
#include "promql/histogram_text.h"
#include "promql/histograms/combine.h"
#include "promql/histograms/equality.h"
#include "promql/series_notation.h"

// Range functions over series with native histograms.
namespace tidemark::promql {
namespace {

// Points 10 s apart, from 0 on.
SampleColumns Samples(std::string_view points) {
  const auto line = ParseSeriesLine(StrCat("m ", points));
  EXPECT_TRUE(line.ok()) << line.status();
  SampleColumns samples;
  for (size_t i = 0; i < line->points.size(); ++i) {
    const auto time = static_cast<TimestampMs>(i) * 10'000;
    if (line->points[i]) samples.push_back(time, *line->points[i]);
    if (i < line->histograms.size() && line->histograms[i] != nullptr) {
      samples.histograms.push_back(time, *line->histograms[i]);
    }
  }
  return samples;
}

std::string Text(const RangeNotes& notes) {
  std::string text;
  const auto add = [&](bool is, std::string_view name) {
    if (is) StrAppend(&text, text.empty() ? "" : ", ", name);
  };
  add(notes.mixed_kinds, "mixed kinds");
  add(notes.histograms_ignored, "ignored");
  add(notes.not_a_counter, "no counter");
  add(notes.not_a_gauge, "no gauge");
  add(notes.mixed_schemas, "mixed schemas");
  add(notes.conflicting_resets, "conflicting resets");
  add(notes.reconciled_difference, "reconciled difference");
  add(notes.reconciled_sum, "reconciled sum");
  add(notes.reconciled_aggregate, "reconciled aggregate");
  return text;
}

struct Case {
  std::string_view function, points;
  // Of the window (10 s, 40 s], or [10 s, 40 s] with what `anchored` and `smoothed` see.
  std::string_view result, notes = "";
  VectorSelector::Extension extension = VectorSelector::Extension::kNone;
};

void Check(const Case& c) {
  SCOPED_TRACE(StrCat(c.function, " ", c.points));
  const auto function = FindRangeFunctionOver(c.extension, c.function);
  ASSERT_TRUE(function.ok()) << function.status();
  const SampleColumns samples = Samples(c.points);
  RangeWindows windows;
  windows.times = EvalTimes::At(40'000);
  windows.range = 30'000;
  windows.reach_back = windows.reach_ahead =
      c.extension == VectorSelector::Extension::kNone ? 0 : 60'000;
  std::vector<double> values(1);
  std::vector<uint64_t> present(1);
  HistogramSteps histograms;
  const StepRow row = {values, present, &histograms};
  RangeNotes notes;
  const WindowedSeries series = {samples, windows, {}};
  if (!samples.empty()) (*function)->evaluate(series, row);
  (*function)->evaluate_histograms(series, row, notes);
  std::string result;
  if (row.HasHistogram(0)) {
    result = ToNotation(ViewOf(*row.Histogram(0)));
  } else if (row.Has(0)) {
    result = StrCat(values[0]);
  }
  EXPECT_EQ(result, c.result);
  EXPECT_EQ(Text(notes), c.notes);
}

constexpr std::string_view kGrowing =
    "{{count:3 sum:6 buckets:[1 2]}}+{{count:3 sum:6 buckets:[1 2]}}x9";

TEST(HistogramFunctionsTest, Table) {
  constexpr Case kCases[] = {
      {"increase", kGrowing, "{{count:9 sum:18 counter_reset_hint:gauge buckets:[3 6]}}"},
      {"rate", "{{count:30 buckets:[30]}}+{{count:30 buckets:[30]}}x9",
       "{{count:3 counter_reset_hint:gauge buckets:[3]}}"},
      {"delta", "{{count:3 counter_reset_hint:gauge}}+{{count:3 counter_reset_hint:gauge}}x9",
       "{{count:9 counter_reset_hint:gauge}}"},
      {"delta", kGrowing, "{{count:9 sum:18 counter_reset_hint:gauge buckets:[3 6]}}", "no gauge"},
      {"rate", "{{counter_reset_hint:gauge}}x9", "{{counter_reset_hint:gauge}}", "no counter"},
      {"rate", "_x4 {{count:3}}", ""},
      {"rate", "_x2 1 {{count:3}} {{count:3}}", "", "mixed kinds"},
      {"rate", "1 1 {{count:3}} {{count:3}} {{count:3}}", "{{counter_reset_hint:gauge}}"},
      // A reset in a bucket, before the second, and before the last.
      {"increase",
       "_x2 {{count:4 buckets:[1 2 1]}} {{count:5 buckets:[1 1 3]}} {{count:6 buckets:[1 2 3]}}",
       "{{count:9 counter_reset_hint:gauge buckets:[1.5 3 4.5]}}"},
      {"increase",
       "_x2 {{count:4 buckets:[1 2 1]}} {{count:5 buckets:[1 2 2]}} {{count:2 buckets:[1 1]}}",
       "{{count:4.5 counter_reset_hint:gauge buckets:[1.5 1.5 1.5]}}"},
      // The empty side goes, as it tells where the zero bucket ends.
      {"irate",
       "_x3 {{count:4 z_bucket:1 z_bucket_w:1 buckets:[0 1] n_buckets:[0 1]}} {{count:14 "
       "z_bucket:1 "
       "z_bucket_w:1 buckets:[0 11] n_buckets:[0 1]}}",
       "{{count:1 z_bucket_w:1 counter_reset_hint:gauge offset:1 buckets:[1]}}"},
      {"irate", "_x3 {{count:40 buckets:[40]}} {{count:10 buckets:[10]}}",
       "{{count:1 counter_reset_hint:gauge buckets:[1]}}"},
      {"irate", "_x2 1 {{count:3}} {{count:13}}", "{{count:1 counter_reset_hint:gauge}}"},
      {"irate", "_x2 {{count:3}} {{count:3}} 1", "", "mixed kinds"},
      {"irate", "_x2 {{count:3}} 10 30", "2"},
      {"idelta", "_x2 1 {{count:3}} {{count:2}}", "{{count:-1 counter_reset_hint:gauge}}",
       "no gauge"},
      // Exponential and custom buckets; the first does not count before a reset.
      {"rate", "_x2 {{}} {{schema:-53}} {{}}", "", "mixed schemas"},
      {"increase", "_x2 {{schema:-53 count:9}} {{count:1}} {{count:2}}",
       "{{count:3 counter_reset_hint:gauge}}"},
      {"idelta", "_x3 {{}} {{schema:-53}}", "", "no gauge, mixed schemas"},
      {"sum_over_time", "_x2 {{}} {{schema:-53}} {{}}", "", "mixed schemas"},
      {"irate",
       "_x3 {{schema:-53 custom_values:[2 4] buckets:[1 2 3]}} {{schema:-53 custom_values:[4] "
       "buckets:[13 3]}}",
       "{{schema:-53 custom_values:[4] counter_reset_hint:gauge buckets:[1]}}",
       "reconciled difference"},
      {"increase",
       "_x2 {{schema:-1 count:1 buckets:[1]}} {{count:2 buckets:[2]}} {{count:3 buckets:[3]}}",
       "{{count:4 counter_reset_hint:gauge buckets:[4]}}"},
      // Over time.
      {"sum_over_time", kGrowing, "{{count:36 sum:72 buckets:[12 24]}}"},
      {"avg_over_time", kGrowing, "{{count:12 sum:24 buckets:[4 8]}}"},
      {"sum_over_time", "_x2 1 {{count:3}}", "", "mixed kinds"},
      {"sum_over_time", "_x2 {{counter_reset_hint:reset}} {{counter_reset_hint:not_reset}}", "{{}}",
       "conflicting resets"},
      {"count_over_time", "_x2 1 {{}} {{}}", "3"},
      {"present_over_time", "_x2 {{}}", "1"},
      {"first_over_time", "9 9 {{count:1}} 1 {{count:2}}", "{{count:1}}"},
      {"first_over_time", "9 9 1 {{count:1}} {{count:2}}", "1"},
      {"last_over_time", "9 9 1 {{count:1}} {{count:2 counter_reset_hint:reset}}",
       "{{count:2 counter_reset_hint:reset}}"},
      {"last_over_time", "9 9 {{count:1}} {{count:2}} 1", "1"},
      {"ts_of_first_over_time", "9 9 _ {{}} 1", "30"},
      {"ts_of_last_over_time", "9 9 1 {{}}", "30"},
      {"min_over_time", "9 9 1 {{}} 2", "1", "ignored"},
      {"max_over_time", "9 9 _ {{}} _", ""},
      {"deriv", "9 9 1 {{}} _", "", "ignored"},
      {"stddev_over_time", "9 {{}} 1 1 1", "0"},
      // Changes and resets, of either kind and between them.
      {"changes", "9 9 {{count:1}} {{count:1}} 5", "1"},
      {"changes", "9 9 {{count:1}} {{count:2}} {{count:2 buckets:[0]}}", "1"},
      {"resets", "9 9 {{count:2}} {{count:1}} 5", "2"},
      {"resets", "9 9 5 {{count:1}} {{count:1 counter_reset_hint:reset}}", "2"},
      {"resets", kGrowing, "0"},
  };
  for (const Case& c : kCases) Check(c);
}

TEST(HistogramFunctionsTest, AnchoredAndSmoothed) {
  constexpr auto kAnchored = VectorSelector::Extension::kAnchored;
  constexpr auto kSmoothed = VectorSelector::Extension::kSmoothed;
  for (const Case& c : {
           Case{"increase", "{{count:1}} _ {{count:3}} {{count:5}} _ {{count:9}}",
                "{{count:4 counter_reset_hint:gauge}}", "", kAnchored},
           {"increase", "{{count:1}} _ {{count:3}} {{count:5}} _ {{count:9}}",
            "{{count:5 counter_reset_hint:gauge}}", "", kSmoothed},
           {"rate", "{{count:30}} _ {{count:90}}", "{{count:2 counter_reset_hint:gauge}}", "",
            kAnchored},
           {"increase", "{{count:1}} _ {{count:3}} {{count:1}} {{count:2}}",
            "{{count:4 counter_reset_hint:gauge}}", "", kAnchored},
           {"increase", "{{count:9}} _ {{count:2}} {{count:3}} {{count:4}}",
            "{{count:3 counter_reset_hint:gauge}}", "", kSmoothed},
           {"delta", "_ {{count:9}} _ _ {{count:2}}", "{{count:-7 counter_reset_hint:gauge}}",
            "no gauge", kSmoothed},
           {"delta", "_ {{count:9}} _ _ {{schema:-53}}", "", "mixed schemas", kSmoothed},
           {"rate", "1 _ {{}} {{}}", "", "mixed kinds", kAnchored},
           {"changes", "{{count:1}} _ {{count:3}} 5 5", "2", "", kAnchored},
           {"resets", "{{count:4}} _ {{count:3}} {{count:5}}", "1", "", kAnchored},
       }) {
    Check(c);
  }
}

// As the definition says, adding up every pair of the window.
FloatHistogramSample GrowthByDefinition(const HistogramColumns& samples, size_t begin, size_t end) {
  CombineNotes notes;
  FloatHistogramSample growth = ToFloatHistogram(samples[begin]);
  Multiply(0, growth);
  for (size_t i = begin + 1; i < end; ++i) {
    EXPECT_TRUE(Add(samples[i], growth, notes));
    bool fell = samples[i].count < samples[i - 1].count;
    for (size_t b = 0; b < samples[i].positive_counts.size(); ++b) {
      fell |= samples[i].positive_counts[b] < samples[i - 1].positive_counts[b];
    }
    const bool counts_on = fell || Subtract(samples[i - 1], growth, notes);
    EXPECT_TRUE(counts_on);
  }
  return growth;
}

TEST(HistogramFunctionsTest, GrowthOfRandomCounters) {
  const uint64_t seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  SampleColumns samples;
  FloatHistogramSample h;
  HistogramLayout layout;
  layout.positive_spans = {{0, 5}};
  h.layout = std::make_shared<const HistogramLayout>(layout);
  h.positive_counts.resize(5);
  for (int i = 0; i < 200; ++i) {
    if (random() % 20 == 0) h.positive_counts.assign(5, 0);
    if (random() % 20 == 0) h.positive_counts[random() % 5] = 0;
    h.positive_counts[random() % 5] += static_cast<double>(random() % 8);
    h.count = 0;
    for (const double count : h.positive_counts) h.count += count;
    samples.histograms.push_back(i, h);
  }
  HistogramGrowth growth(samples, /*counter=*/true);
  size_t begin = 0, end = 2;
  while (end <= samples.histograms.size()) {
    RangeNotes notes;
    FloatHistogramSample got;
    ASSERT_TRUE(growth.Find(begin, end, /*from_zero=*/false, notes, got));
    const FloatHistogramSample want = GrowthByDefinition(samples.histograms, begin, end);
    ASSERT_TRUE(AreEqual(ViewOf(got), ViewOf(want)))
        << begin << " to " << end << ": " << ToNotation(ViewOf(got)) << " instead of "
        << ToNotation(ViewOf(want));
    end += random() % 4;
    begin = std::max(begin, std::min<size_t>(begin + random() % 4, end - 2));
  }
}

// The histograms that a function gives, as text, "" where there is none.
std::vector<std::string> Histograms(std::string_view function, const SampleColumns& samples,
                                    const RangeWindows& windows) {
  std::vector<double> values(windows.size());
  std::vector<uint64_t> present(PresenceWords(windows.size()));
  HistogramSteps histograms;
  const StepRow row = {values, present, &histograms};
  RangeNotes notes;
  FindRangeFunction(function)->evaluate_histograms({samples, windows, {}}, row, notes);
  std::vector<std::string> texts;
  for (size_t step = 0; step < windows.size(); ++step) {
    texts.push_back(row.HasHistogram(step) ? ToNotation(ViewOf(*row.Histogram(step))) : "");
  }
  return texts;
}

TEST(HistogramFunctionsTest, SumsThatSlideEqualThoseThatDoNot) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(StrCat("seed ", seed));
  std::minstd_rand random(seed);
  SampleColumns samples;
  FloatHistogramSample h;
  for (TimestampMs t = 0; t < 400; ++t) {
    if (t == 0 || random() % 40 == 0) {
      HistogramLayout layout;
      layout.schema = static_cast<int32_t>(random() % 3);
      layout.positive_spans = {{0, static_cast<uint32_t>(1 + random() % 4)}};
      layout.negative_spans = {{1, static_cast<uint32_t>(random() % 2)}};
      h.layout = std::make_shared<const HistogramLayout>(layout);
    }
    const auto number = [&] { return static_cast<double>(random() % 100) / 4; };
    h.positive_counts.resize(NumBuckets(h.layout->positive_spans));
    h.negative_counts.resize(NumBuckets(h.layout->negative_spans));
    for (double& count : h.positive_counts) count = number();
    for (double& count : h.negative_counts) count = number();
    h.count = number();
    h.zero_count = number();
    h.sum = random() % 50 == 0 ? INFINITY : number();
    h.counter_reset_hint = static_cast<CounterResetHint>(random() % 20 == 0 ? random() % 4 : 2);
    if (random() % 100 == 0) {
      samples.push_back(t, 1);
    } else if (random() % 5 != 0) {
      samples.histograms.push_back(t, h);
    }
  }
  RangeWindows windows;
  windows.times = {0, 450, 3};
  windows.range = static_cast<DurationMs>(30 + random() % 60);
  for (const std::string_view name : {"sum_over_time", "avg_over_time"}) {
    const std::vector<std::string> got = Histograms(name, samples, windows);
    for (size_t step = 0; step < windows.size(); ++step) {
      RangeWindows alone = windows;
      alone.times = EvalTimes::At(windows.times.step_time(step));
      EXPECT_EQ(got[step], Histograms(name, samples, alone)[0])
          << name << " at " << alone.times.start;
    }
  }
}

}  // namespace
}  // namespace tidemark::promql
