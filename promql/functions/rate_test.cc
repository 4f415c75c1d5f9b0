#include "promql/functions/rate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

#include "promql/functions/range_function.h"

namespace tidemark::promql {
namespace {

SampleColumns Columns(std::initializer_list<Sample> samples) {
  SampleColumns columns;
  for (const Sample& s : samples) columns.push_back(s.timestamp, s.value);
  return columns;
}

// The result of a function at each step, nullopt where it has none.
std::vector<std::optional<double>> Evaluate(std::string_view name, const SampleColumns& samples,
                                            const RangeWindows& windows) {
  ColumnBatch batch;
  batch.Reset(windows.size());
  const StepRow row = batch.Add({});
  FindRangeFunction(name)->evaluate({samples, windows, {}}, row);
  std::vector<std::optional<double>> results;
  for (size_t step = 0; step < windows.size(); ++step) {
    results.push_back(row.Has(step) ? std::optional(row.values[step]) : std::nullopt);
  }
  return results;
}

std::optional<double> At(std::string_view name, const SampleColumns& samples, TimestampMs t,
                         DurationMs range) {
  return Evaluate(name, samples, {EvalTimes::At(t), range, 0, std::nullopt})[0];
}

TEST(RateTest, ExtrapolatesToTheWindow) {
  struct Case {
    std::string_view name, function;
    SampleColumns samples;
    TimestampMs at;
    DurationMs range;
    std::optional<double> want;
  };
  const SampleColumns steady = Columns({{15000, 15}, {30000, 30}, {45000, 45}, {60000, 60}});
  const Case cases[] = {
      {"no sample", "increase", {}, 60000, 60000, std::nullopt},
      {"one sample", "increase", Columns({{30000, 30}}), 60000, 60000, std::nullopt},
      {"both edges within a gap", "increase", steady, 60000, 60000, 60},
      {"rate divides by the window, not by what was sampled", "rate", steady, 60000, 60000, 1},
      // Last sample 30 s before the end, gaps of 15 s: goes on for 7.5 s only.
      {"far from the end", "increase", steady, 90000, 90000, 45 * (45 + 15 + 7.5) / 45},
      // First sample 1 s after the counter was zero, window 10 s longer than the samples.
      {"not before zero", "increase", Columns({{10000, 1}, {20000, 11}, {30000, 21}}), 30000, 30000,
       20 * (20 + 1.0) / 20},
      {"a gauge may go below zero", "delta", Columns({{10000, 1}, {20000, 11}, {30000, 21}}), 30000,
       30000, 30},
      // Exactly 1.1 gaps from the edge is too far: half a gap then.
      {"at the threshold", "delta", Columns({{11000, 0}, {21000, 10}}), 21000, 21000,
       10 * 15.0 / 10},
      {"a falling gauge", "delta", Columns({{10000, 20}, {20000, 10}}), 20000, 20000, -20},
  };
  for (const Case& c : cases) {
    const std::optional<double> got = At(c.function, c.samples, c.at, c.range);
    ASSERT_EQ(got.has_value(), c.want.has_value()) << c.name;
    if (got) {
      EXPECT_DOUBLE_EQ(*got, *c.want) << c.name;
    }
  }
}

TEST(RateTest, WindowIsOpenOnTheLeft) {
  const SampleColumns samples = Columns({{0, 0}, {60000, 60}, {120000, 120}});
  EXPECT_EQ(At("rate", samples, 120000, 60000), std::nullopt);  // (1m, 2m] holds one sample
  EXPECT_EQ(At("count_over_time", samples, 120000, 60000), 1);
  EXPECT_EQ(At("count_over_time", samples, 120000, 60001), 2);
}

TEST(RateTest, ResetsAddWhatWasLost) {
  const SampleColumns samples =
      Columns({{10000, 5}, {20000, 10}, {30000, 2}, {40000, 4}, {50000, 1}, {60000, 3}});
  // 3 - 5, plus 10 and 4 before the two resets.
  const double increase = -2 + 10 + 4;
  EXPECT_DOUBLE_EQ(*At("increase", samples, 60000, 55000), increase * (50 + 5.0) / 50);
  // Only the second reset lies between the samples of the shorter window.
  EXPECT_DOUBLE_EQ(*At("irate", samples, 50000, 60000), 1.0 / 10);
  EXPECT_DOUBLE_EQ(*At("irate", samples, 60000, 60000), 2.0 / 10);
  EXPECT_DOUBLE_EQ(*At("idelta", samples, 50000, 60000), -3);
}

TEST(RateTest, NanSpreads) {
  const SampleColumns samples = Columns({{10000, 1}, {20000, NAN}, {30000, 3}});
  EXPECT_TRUE(std::isnan(*At("rate", samples, 20000, 20000)));
  EXPECT_DOUBLE_EQ(*At("delta", samples, 30000, 30000), 3);  // the ends decide
}

// Every step of a range query equals an instant query at its time, over gaps and resets.
TEST(RateTest, SlidingEqualsSingleWindows) {
  SampleColumns samples;
  uint64_t state = 42;
  double value = 0;
  for (TimestampMs t = 0; t < 600000; t += 5000) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    if (t > 200000 && t < 300000) continue;  // longer than the window
    value = state >> 60 == 0 ? 0 : value + static_cast<double>(state >> 61);
    samples.push_back(t + static_cast<TimestampMs>(state >> 54), value);
  }
  const RangeWindows windows = {{0, 700000, 7000}, 60000, 3000, std::nullopt};
  for (const char* name : {"rate", "increase", "delta", "irate", "idelta", "changes", "resets",
                           "sum_over_time", "avg_over_time", "min_over_time", "max_over_time",
                           "count_over_time", "last_over_time", "stddev_over_time"}) {
    const auto sliding = Evaluate(name, samples, windows);
    for (size_t step = 0; step < windows.size(); ++step) {
      const RangeWindows one = {EvalTimes::At(windows.times.step_time(step)), 60000, 3000, {}};
      const std::optional<double> single = Evaluate(name, samples, one)[0];
      ASSERT_EQ(sliding[step].has_value(), single.has_value()) << name << " step " << step;
      if (single) {
        EXPECT_NEAR(*sliding[step], *single, 1e-9) << name << " step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace tidemark::promql
