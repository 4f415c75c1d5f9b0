#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/run/fake_clock.h"
#include "bench/load_generator/workload.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/db.h"

namespace tidemark::tsdb {
namespace {

constexpr TimestampMs kStart = 1'700'006'400'000;  // a multiple of 2 h
constexpr size_t kStepsPerHour = 240;

// A line of /proc/self/status, in bytes.
double StatusBytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == name && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

// The store under the load of side_by_side, without a server, for 4 h and 50 minutes: how much the
// process has grown after each hour, whether files back it or not; `peak`; and at the end, when the
// head holds almost three hours. Includes 60 bytes a series of the load itself.
void BM_Memory(benchmark::State& state) {
  log::Configure("error", "logfmt").IgnoreError();
  const auto num_series = static_cast<size_t>(state.range(0));
  const auto resident = [before = StatusBytes("VmRSS:")] {
    return (StatusBytes("VmRSS:") - before) / 1e6;
  };
  for (auto _ : state) {
    const testing::TempDirectory directory;
    FakeClock clock(kStart);
    MetricRegistry metrics;
    Options options{.path = directory.path()};
    options.fsync = FsyncPolicy::kNever;
    const auto db = *Db::Open(options, clock, metrics);
    const auto appender = db->NewAppender();
    bench::Workload load({.num_series = num_series}, 0, num_series);
    const bench::ScrapeTiming timing{.start = kStart};
    std::vector<SeriesRef> refs(num_series, kNoSeries);
    for (size_t step = 0; step < kStepsPerHour * 29 / 6; ++step) {
      clock.Set(kStart + static_cast<TimestampMs>(step) * timing.interval);
      for (size_t i = 0; i < num_series; ++i) {
        if (load.IsNew(i)) refs[i] = *appender->GetOrCreate(load.Labels(i), nullptr);
        appender->Append(refs[i], timing.At(load.Target(i), step), load.Value(i));
        if (i + 1 < num_series && load.Target(i) == load.Target(i + 1)) continue;
        appender->Commit(CommitMode::kPartial).status().IgnoreError();
      }
      load.Advance();
      if (step % 20 == 0) db->Maintain().IgnoreError();
      if (step % kStepsPerHour == kStepsPerHour - 1) {
        state.counters[std::to_string((step + 1) / kStepsPerHour) + "h_MB"] = resident();
      }
    }
    db->Maintain().IgnoreError();
    state.counters["end_MB"] = resident();
    state.counters["end_anonymous_MB"] = StatusBytes("RssAnon:") / 1e6;
    state.counters["peak_MB"] = StatusBytes("VmHWM:") / 1e6;
    state.SetItemsProcessed(static_cast<int64_t>(num_series * kStepsPerHour * 29 / 6));
  }
}
BENCHMARK(BM_Memory)
    ->ArgName("series")
    ->Arg(20'000)
    ->Arg(100'000)
    ->Iterations(1)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace tidemark::tsdb
