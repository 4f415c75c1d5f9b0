#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bench/promql/fixed_querier.h"
#include "promql/engine.h"
#include "promql/functions/range_function.h"

// rate() over one series, and whole queries over a store whose reads cost no more than a copy.
namespace tidemark::promql {
namespace {

constexpr DurationMs kScrapeInterval = 15 * kSecond;
constexpr DurationMs kLength = 4 * kHour;

// A counter scraped every 15 s for 4 h, with jitter, rounding up to a few resets.
SampleColumns MakeCounter(uint32_t seed) {
  std::mt19937 random(seed);
  SampleColumns samples;
  double value = 0;
  for (TimestampMs t = 0; t <= kLength; t += kScrapeInterval) {
    value = random() % 500 == 0 ? 0 : value + random() % 100;
    samples.push_back(t + random() % 5, value);
  }
  return samples;
}

// Gives the same series whatever is asked for.
FixedQuerier Counters(size_t num_series) {
  std::vector<SampleColumns> samples;
  for (uint32_t seed = 1; seed <= 64; ++seed) samples.push_back(MakeCounter(seed));
  return FixedQuerier("requests_total", num_series, std::move(samples));
}

// One series, 4 h in steps of 15 s: what sliding costs by the width of the window.
void BM_RangeFunction_OneSeries(benchmark::State& state, const char* name) {
  const SampleColumns samples = MakeCounter(/*seed=*/42);
  const RangeWindows windows = {
      {0, kLength, kScrapeInterval}, state.range(0) * kMinute, 0, std::nullopt};
  const RangeFunction* function = FindRangeFunction(name);
  ColumnBatch batch;
  for (auto _ : state) {
    batch.Reset(windows.size());
    function->evaluate({samples, windows, {}}, batch.Add({}));
    benchmark::DoNotOptimize(batch.row(0).values.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(samples.size()));
}
BENCHMARK_CAPTURE(BM_RangeFunction_OneSeries, rate, "rate")
    ->ArgName("window_min")
    ->Arg(1)
    ->Arg(5)
    ->Arg(60);
BENCHMARK_CAPTURE(BM_RangeFunction_OneSeries, sum_over_time, "sum_over_time")
    ->ArgName("window_min")
    ->Arg(1)
    ->Arg(5)
    ->Arg(60);
BENCHMARK_CAPTURE(BM_RangeFunction_OneSeries, max_over_time, "max_over_time")
    ->ArgName("window_min")
    ->Arg(5)
    ->Arg(60);

// One series, twice the samples or twice the steps from one line to the next, windows of half the
// length: the time follows samples + steps, where looking at each window anew would be samples x
// steps.
void BM_RangeFunction_Growth(benchmark::State& state, const char* name) {
  const auto num_samples = static_cast<size_t>(state.range(0));
  SampleColumns samples;
  std::mt19937 random(42);
  double value = 0;
  for (size_t i = 0; i < num_samples; ++i) {
    value += random() % 100;
    samples.push_back(static_cast<TimestampMs>(i) * kScrapeInterval, value);
  }
  const DurationMs length = static_cast<DurationMs>(num_samples) * kScrapeInterval;
  const RangeWindows windows = {
      {length / 2, length, length / 2 / state.range(1)}, length / 2, 0, std::nullopt};
  const std::vector<std::vector<double>> parameters = {std::vector<double>(windows.size(), 0.9)};
  const RangeFunction* function = FindRangeFunction(name);
  ColumnBatch batch;
  for (auto _ : state) {
    batch.Reset(windows.size());
    function->evaluate({samples, windows, parameters}, batch.Add({}));
    benchmark::DoNotOptimize(batch.row(0).values.data());
  }
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(samples.size() + windows.size()));
}
#define RANGE_FUNCTION_GROWTH(name)                       \
  BENCHMARK_CAPTURE(BM_RangeFunction_Growth, name, #name) \
      ->ArgNames({"samples", "steps"})                    \
      ->ArgsProduct({{1'000, 2'000, 4'000}, {500, 1'000, 2'000}})
RANGE_FUNCTION_GROWTH(rate);
RANGE_FUNCTION_GROWTH(avg_over_time);
RANGE_FUNCTION_GROWTH(max_over_time);
RANGE_FUNCTION_GROWTH(quantile_over_time);

// A whole query over 4 h of 15 s samples; items are the samples read.
void BM_Engine_Query(benchmark::State& state, const char* text) {
  const FixedQuerier querier = Counters(static_cast<size_t>(state.range(0)));
  ThreadPool pool(static_cast<size_t>(state.range(2)) - 1);  // the caller works too
  MetricRegistry metrics;
  Engine engine({}, pool, metrics);
  const absl::StatusOr<Query> query = Query::Parse(text);
  const EvalTimes times = {0, kLength, state.range(1) * kSecond};
  const Cancellation never;
  for (auto _ : state) {
    const auto result = engine.Range(*query, querier, times, never);
    if (!result.ok()) state.SkipWithError(result.status().ToString().c_str());
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(querier.num_samples()));
}
#define ENGINE_QUERY(name, text)                     \
  BENCHMARK_CAPTURE(BM_Engine_Query, name, text)     \
      ->ArgNames({"series", "step_s", "threads"})    \
      ->ArgsProduct({{1'000, 10'000}, {60}, {1, 2}}) \
      ->Unit(benchmark::kMillisecond)                \
      ->UseRealTime()
ENGINE_QUERY(sum_rate, "sum(rate(requests_total[5m]))");
ENGINE_QUERY(sum_rate_by_instance, "sum by (instance) (rate(requests_total[5m]))");
ENGINE_QUERY(sum_of_selector, "sum(requests_total)");

}  // namespace
}  // namespace tidemark::promql
