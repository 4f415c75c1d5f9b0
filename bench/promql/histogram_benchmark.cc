#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "bench/promql/fixed_querier.h"
#include "promql/engine.h"

// Queries over native histograms, in a store whose reads cost no more than a copy.
namespace tidemark::promql {
namespace {

constexpr DurationMs kScrapeInterval = 15 * kSecond;
constexpr DurationMs kWindow = 5 * kMinute;

// Latencies of a service, spread log-normally over some 60 buckets of schema 3, scraped every 15 s;
// which of the outer buckets there are differs from seed to seed.
SampleColumns MakeHistograms(uint32_t seed, DurationMs length) {
  std::mt19937 random(seed);
  std::lognormal_distribution<double> latency(-4, 0.8);
  HistogramLayout layout;
  layout.schema = 3;
  layout.zero_threshold = 1e-128;
  const auto first = static_cast<int32_t>(-80 + random() % 8);
  const uint32_t num_buckets = 56 + random() % 8;
  layout.positive_spans = {{first, num_buckets}};
  FloatHistogramSample h;
  h.layout = std::make_shared<const HistogramLayout>(std::move(layout));
  h.positive_counts.resize(num_buckets);
  SampleColumns samples;
  for (TimestampMs t = 0; t <= length; t += kScrapeInterval) {
    for (int i = 0; i < 300; ++i) {
      const double value = latency(random);
      const double bucket = std::ceil(std::log2(value) * 8) - first;
      if (bucket < 0 || bucket >= num_buckets) continue;
      h.positive_counts[static_cast<size_t>(bucket)] += 1;
      h.count += 1;
      h.sum += value;
    }
    samples.histograms.push_back(t, h);
  }
  return samples;
}

// Items are the histograms in the windows of all steps.
void BM_Engine_Histograms(benchmark::State& state, const char* text) {
  const DurationMs step = kMinute, last = kWindow + (state.range(1) - 1) * step;
  std::vector<SampleColumns> samples;
  for (uint32_t seed = 1; seed <= 64; ++seed) samples.push_back(MakeHistograms(seed, last));
  const auto num_series = static_cast<size_t>(state.range(0));
  const FixedQuerier querier("latency_seconds", num_series, std::move(samples));
  ThreadPool pool(1);
  MetricRegistry metrics;
  Engine engine({}, pool, metrics);
  const absl::StatusOr<Query> query = Query::Parse(text);
  const EvalTimes times = {kWindow, last, step};
  const Cancellation never;
  for (auto _ : state) {
    const auto result = engine.Range(*query, querier, times, never);
    if (!result.ok()) state.SkipWithError(result.status().ToString().c_str());
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(num_series) * state.range(1) *
                          (kWindow / kScrapeInterval));
}
#define HISTOGRAM_QUERY(name, text)                   \
  BENCHMARK_CAPTURE(BM_Engine_Histograms, name, text) \
      ->ArgNames({"series", "steps"})                 \
      ->Args({5'000, 1})                              \
      ->Args({5'000, 30})                             \
      ->Unit(benchmark::kMillisecond)                 \
      ->MeasureProcessCPUTime()
HISTOGRAM_QUERY(quantile_of_sum, "histogram_quantile(0.99, sum(rate(latency_seconds[5m])))");
HISTOGRAM_QUERY(rate, "rate(latency_seconds[5m])");
HISTOGRAM_QUERY(quantile, "histogram_quantile(0.99, latency_seconds)");
HISTOGRAM_QUERY(avg_over_time, "avg_over_time(latency_seconds[5m])");

}  // namespace
}  // namespace tidemark::promql
