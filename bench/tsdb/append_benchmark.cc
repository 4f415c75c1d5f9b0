#include <benchmark/benchmark.h>
#include <malloc.h>

#include <fstream>
#include <random>
#include <string>

#include "base/log.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/db.h"

namespace tidemark::tsdb {
namespace {

constexpr TimestampMs kStart = 1'700'000'000'000;
constexpr DurationMs kInterval = 15 * kSecond;
constexpr size_t kSeriesPerTarget = 1000;

// Resident memory of this process.
double ResidentBytes() {
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return static_cast<double>(resident) * 4096;
}

// Labels as a node exporter's series have them: five, two of them of the target.
LabelSet SeriesLabels(size_t i) {
  const size_t target = i / kSeriesPerTarget, local = i % kSeriesPerTarget;
  return {{"__name__", StrCat("node_metric_", local / 10, "_total")},
          {"instance", StrCat("host-", target, ".example.com:9100")},
          {"job", "node"},
          {"device", StrCat("device", local % 10)},
          {"mode", local % 2 == 0 ? "read" : "write"}};
}
Hash128 RawKey(size_t i) { return SeededHash128(StrCat("raw bytes of series ", i)); }

// The mix of real pages: most values stand still, some count, some are doubles.
double ValueAt(size_t series, size_t step) {
  switch (series % 10) {
    case 0:
    case 1:
      return static_cast<double>(step * (series % 97));
    case 2:
      return static_cast<double>((series * 7919 + step * 104729) % 1000003) / 1000.0;
    default:
      return static_cast<double>(series);
  }
}

class Store {
 public:
  Store() {
    log::Configure("error", "logfmt").IgnoreError();
    Options options{.path = directory_.path()};
    options.fsync = FsyncPolicy::kNever;
    db_ = *Db::Open(options, clock_, metrics_);
    appender_ = db_->NewAppender();
  }
  void CreateSeries(size_t num_series) {
    for (size_t i = 0; i < num_series; ++i) {
      const Hash128 key = RawKey(i);
      keys_.push_back(key);
      refs_.push_back(*appender_->GetOrCreate(SeriesLabels(i), &key));
    }
  }
  // One scrape of every target. Steps of one store ascend.
  void Scrape(size_t step, bool find) {
    const TimestampMs now = kStart + static_cast<TimestampMs>(step) * kInterval;
    clock_.Set(now);
    for (size_t i = 0; i < refs_.size(); ++i) {
      appender_->Append(find ? appender_->Find(keys_[i]) : refs_[i], now, ValueAt(i, step));
      if (i % kSeriesPerTarget == kSeriesPerTarget - 1) Commit();
    }
    Commit();
  }
  Db& db() { return *db_; }

 private:
  void Commit() { appender_->Commit(CommitMode::kPartial).status().IgnoreError(); }

  testing::TempDirectory directory_;
  FakeClock clock_{kStart};
  MetricRegistry metrics_;
  std::unique_ptr<Db> db_;
  std::unique_ptr<Appender> appender_;
  std::vector<SeriesRef> refs_;
  std::vector<Hash128> keys_;
};

// Samples of known series: by reference, and by the hash of their raw bytes.
void BM_Appender_Append(benchmark::State& state) {
  Store store;
  store.CreateSeries(static_cast<size_t>(state.range(0)));
  size_t step = 0;
  store.Scrape(step++, false);
  for (auto _ : state) store.Scrape(step++, state.range(1) != 0);
  state.SetItemsProcessed(state.iterations() * state.range(0));
  const HeadStats stats = store.db().Stats();
  state.counters["stored"] = static_cast<double>(stats.num_samples);
}
BENCHMARK(BM_Appender_Append)
    ->ArgNames({"series", "find"})
    ->ArgsProduct({{10'000, 100'000}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

// New series: labels given, first sample committed. `bytes_per_series` is the growth of the
// process.
void BM_Appender_NewSeries(benchmark::State& state) {
  for (auto _ : state) {
    malloc_trim(0);
    const double before = ResidentBytes();
    auto store = std::make_unique<Store>();
    store->CreateSeries(static_cast<size_t>(state.range(0)));
    store->Scrape(0, false);
    state.PauseTiming();
    for (size_t step = 1; step < static_cast<size_t>(state.range(1)); ++step) {
      store->Scrape(step, false);
    }
    malloc_trim(0);
    state.counters["bytes_per_series"] =
        (ResidentBytes() - before) / static_cast<double>(state.range(0));
    store.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Appender_NewSeries)
    ->ArgNames({"series", "samples"})
    ->Args({1'000'000, 1})
    ->Args({1'000'000, 20})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// A selection of all series and the read of their samples: four hours of them.
void BM_HeadQuerier_SelectAndRead(benchmark::State& state) {
  Store store;
  store.CreateSeries(static_cast<size_t>(state.range(0)));
  for (size_t step = 0; step < 960; ++step) store.Scrape(step, false);
  SampleColumns samples;
  for (auto _ : state) {
    const auto set = store.db().NewQuerier()->Select(
        std::vector<LabelMatcher>{LabelMatcher::Equal("job", "node")}, TimeRange());
    for (size_t i = 0; i < (*set)->size(); ++i) (*set)->Read(i, samples).IgnoreError();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * 960);
}
BENCHMARK(BM_HeadQuerier_SelectAndRead)
    ->ArgName("series")
    ->Arg(10'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::tsdb
