#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/db.h"

namespace tidemark::tsdb {
namespace {

constexpr TimestampMs kStart = 1'699'999'200'000;  // where a block of two hours begins
constexpr DurationMs kInterval = 15 * kSecond;
constexpr size_t kSeriesPerTarget = 100;

// Latencies of a service: `num_buckets` buckets around the middle of which most observations fall.
class Latencies {
 public:
  Latencies(uint64_t seed, int num_buckets) : random_(seed), bucket_(num_buckets - 1, 0.5) {
    HistogramLayout layout;
    layout.schema = 3;
    layout.zero_threshold = 0x1p-128;
    layout.positive_spans = {{-20, static_cast<uint32_t>(num_buckets)}};
    sample_.layout = std::make_shared<const HistogramLayout>(layout);
    sample_.positive_counts.resize(static_cast<size_t>(num_buckets));
  }
  const HistogramSample& Next() {
    for (uint64_t i = 20 + random_() % 20; i > 0; --i) {
      ++sample_.positive_counts[static_cast<size_t>(bucket_(random_))];
      ++sample_.count;
      sample_.sum += static_cast<double>(random_() % 1'000'000) / 1e6;
    }
    return sample_;
  }

 private:
  std::mt19937_64 random_;
  std::binomial_distribution<int> bucket_;
  HistogramSample sample_;
};

// Scrapes of `series` histograms for two hours: CPU of an appended one, through journal and head,
// and what one takes on disk once the head is cut.
void BM_Histograms_Append(benchmark::State& state) {
  log::Configure("error", "logfmt").IgnoreError();
  const auto num_series = static_cast<size_t>(state.range(0));
  const int num_buckets = static_cast<int>(state.range(1));
  const testing::TempDirectory directory;
  FakeClock clock(kStart);
  MetricRegistry metrics;
  const auto db =
      *Db::Open({.path = directory.path(), .fsync = FsyncPolicy::kNever}, clock, metrics);
  const auto appender = db->NewAppender();
  std::vector<SeriesRef> refs;
  std::vector<Latencies> series;
  for (size_t i = 0; i < num_series; ++i) {
    refs.push_back(*appender->GetOrCreate({{"__name__", "request_duration_seconds"},
                                           {"instance", StrCat("10.0.0.", i / kSeriesPerTarget)},
                                           {"path", StrCat("/api/", i % kSeriesPerTarget)}}));
    series.emplace_back(i, num_buckets);
  }
  TimestampMs now = kStart;
  std::vector<HistogramSample> page(kSeriesPerTarget);
  size_t next = 0;
  const auto scrape = [&] {
    for (size_t i = 0; i < page.size(); ++i) page[i] = series[(next + i) % num_series].Next();
  };
  for (auto _ : state) {
    state.PauseTiming();
    scrape();
    state.ResumeTiming();
    for (size_t i = 0; i < page.size(); ++i) {
      appender->Append(refs[(next + i) % num_series], now, std::move(page[i]));
    }
    if (!appender->Commit(CommitMode::kAllOrNothing).ok()) state.SkipWithError("not stored");
    next = (next + page.size()) % num_series;
    if (next == 0) clock.Set(now += kInterval);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(page.size()));
  // To the end of three hours, so that there is a block to be cut.
  while (now < kStart + 3 * kHour + kMinute) {
    scrape();
    for (size_t i = 0; i < page.size(); ++i) appender->Append(refs[next + i], now, page[i]);
    if (!appender->Commit(CommitMode::kAllOrNothing).ok()) state.SkipWithError("not stored");
    next = (next + page.size()) % num_series;
    if (next == 0) clock.Set(now += kInterval);
  }
  if (!db->Maintain().ok() || db->Blocks().empty()) return state.SkipWithError("no block");
  double bytes = 0, num_samples = 0;
  for (const BlockMeta& meta : db->Blocks()) num_samples += meta.stats.num_samples;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory.path() + "/blocks")) {
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  }
  state.counters["disk_bytes_per_sample"] = bytes / num_samples;
}
BENCHMARK(BM_Histograms_Append)
    ->ArgNames({"series", "buckets"})
    ->Args({500, 20})
    ->Args({500, 60})
    ->Iterations(2000);

}  // namespace
}  // namespace tidemark::tsdb
