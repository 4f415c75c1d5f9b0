#include <benchmark/benchmark.h>
#include <malloc.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/head/head.h"
#include "tsdb/journal/journal_writer.h"
#include "tsdb/kv/kv_store.h"

namespace tidemark::tsdb {
namespace {

constexpr TimestampMs kStart = 1'700'000'000'000;
constexpr DurationMs kInterval = 15 * kSecond;
constexpr size_t kSeriesPerTarget = 1000;
constexpr size_t kNumSteps = 200;  // a sealed chunk of 120 and an open one of 80

// A line of /proc/self/status, in bytes.
double StatusBytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == name && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

// Ten labels as a Kubernetes cluster has them.
LabelSet SeriesLabels(size_t i) {
  const size_t target = i / kSeriesPerTarget, local = i % kSeriesPerTarget;
  return {{"__name__", StrCat("node_metric_", local / 10, "_total")},
          {"cluster", "production-eu-west-1"},
          {"container", "node-exporter"},
          {"device", StrCat("device", local % 10)},
          {"instance", StrCat("10.2.", target / 250, ".", target % 250, ":9100")},
          {"job", "node"},
          {"mode", local % 2 == 0 ? "read" : "write"},
          {"namespace", "monitoring"},
          {"node", StrCat("node-", target)},
          {"pod", StrCat("node-exporter-", target * 7919 % 100'003)}};
}

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

// A head that was filled once.
class Filled {
 public:
  explicit Filled(size_t num_series) {
    log::Configure("error", "logfmt").IgnoreError();
    store_ = *KvStore::Open({.path = directory_.path() + "/head", .families = {"journal"}});
    journal_ = std::make_unique<JournalWriter>(
        *store_, clock_, JournalWriter::Options{.fsync = FsyncPolicy::kNever});
    head_.StartJournal(journal_.get(), 1);
    for (size_t i = 0; i < num_series; ++i) {
      refs_.push_back(*head_.GetOrCreate(SeriesLabels(i), nullptr));
    }
    for (size_t step = 0; step < kNumSteps; ++step) Scrape();
  }
  void Scrape() {
    const TimestampMs now = kStart + static_cast<TimestampMs>(step_) * kInterval;
    std::vector<SeriesSample> batch;
    for (size_t i = 0; i < refs_.size(); ++i) {
      batch.push_back({refs_[i], now, ValueAt(i, step_)});
      if (batch.size() < kSeriesPerTarget && i + 1 < refs_.size()) continue;
      head_.Commit(batch, CommitMode::kPartial, scratch_).status().IgnoreError();
      batch.clear();
    }
    journal_->DropBefore(journal_->last_number()).IgnoreError();
    ++step_;
  }
  uint64_t Checkpoint(CheckpointMode mode) {
    uint64_t covers = 0;
    if (!head_.WriteCheckpoint(checkpoint(), mode, &covers).ok()) std::abort();
    return covers;
  }
  std::string checkpoint() const { return directory_.path() + "/checkpoint"; }
  double FileBytes(std::string_view kind) const {
    double bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(checkpoint())) {
      if (!entry.path().filename().string().starts_with(kind)) continue;
      bytes += static_cast<double>(entry.file_size());
    }
    return bytes;
  }

 private:
  testing::TempDirectory directory_;
  FakeClock clock_{kStart + kDay};
  MetricRegistry metrics_;
  std::unique_ptr<KvStore> store_;
  std::unique_ptr<JournalWriter> journal_;
  Head head_{{}, clock_, metrics_};
  CommitScratch scratch_;
  std::vector<SeriesRef> refs_;
  size_t step_ = 0;
};

// Writing the head: as a whole, or one more scrape on top of what there is. `growth` is the peak of
// the process over what it held before.
void BM_Checkpoint_Write(benchmark::State& state) {
  Filled filled(static_cast<size_t>(state.range(0)));
  const auto mode = state.range(1) != 0 ? CheckpointMode::kFull : CheckpointMode::kIncremental;
  filled.Checkpoint(CheckpointMode::kFull);
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
  const double before = StatusBytes("VmRSS:");
  for (auto _ : state) {
    state.PauseTiming();
    filled.Scrape();
    state.ResumeTiming();
    filled.Checkpoint(mode);
  }
  state.counters["growth_MB"] = (StatusBytes("VmHWM:") - before) / 1e6;
  state.counters["series_file_MB"] = filled.FileBytes("series") / 1e6;
  state.counters["state_file_MB"] = filled.FileBytes("state") / 1e6;
}
BENCHMARK(BM_Checkpoint_Write)
    ->ArgNames({"series", "full"})
    ->Args({1'000'000, 1})
    ->Args({1'000'000, 0})
    ->Iterations(2)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// A start: the files are in the cache of the kernel. `resident` is what the loaded head holds,
// `peak` the most while it was loaded, both without what the process held before.
void BM_Checkpoint_Load(benchmark::State& state) {
  auto filled = std::make_unique<Filled>(static_cast<size_t>(state.range(0)));
  filled->Checkpoint(CheckpointMode::kFull);
  const testing::TempDirectory directory;
  std::filesystem::copy(filled->checkpoint(), directory.path() + "/checkpoint");
  filled.reset();
  for (auto _ : state) {
    state.PauseTiming();
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";
    const double before = StatusBytes("VmRSS:");
    FakeClock clock(kStart + kDay);
    MetricRegistry metrics;
    auto head = std::make_unique<Head>(Head::Options(), clock, metrics);
    state.ResumeTiming();
    const auto loaded = head->LoadCheckpoint(directory.path() + "/checkpoint", "");
    state.PauseTiming();
    if (!loaded.ok() || loaded->num_series != static_cast<uint64_t>(state.range(0))) std::abort();
    state.counters["peak_MB"] = (StatusBytes("VmHWM:") - before) / 1e6;
    malloc_trim(0);
    state.counters["resident_MB"] = (StatusBytes("VmRSS:") - before) / 1e6;
    head.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_Checkpoint_Load)
    ->ArgName("series")
    ->Arg(1'000'000)
    ->Iterations(3)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::tsdb
