// Blocks of the load generator's mix: how fast they are written and read, and what they take on
// disk, of all series and of each kind.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"

#include "bench/load_generator/workload.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/block/block_reader.h"
#include "tsdb/block/block_writer.h"

namespace tidemark::tsdb {
namespace {

constexpr DurationMs kBlockRange = 2 * kHour;
constexpr TimestampMs kStart = 1'700'000'000'000 / kBlockRange * kBlockRange;
constexpr size_t kCacheBytes = 64 << 20;

struct Series {
  LabelSet labels;
  SampleColumns samples;
};

// The mix over one block's range, ascending by label set.
std::vector<std::unique_ptr<Series>> MakeMix(size_t num_series) {
  bench::WorkloadOptions options;
  options.num_series = num_series;
  const bench::ScrapeTiming timing{.start = kStart};
  bench::Workload mix(options, 0, num_series);
  std::vector<std::unique_ptr<Series>> series;
  std::vector<Series*> current(num_series);
  for (size_t step = 0; step < static_cast<size_t>(kBlockRange / timing.interval); ++step) {
    for (size_t i = 0; i < num_series; ++i) {
      if (mix.IsNew(i)) {
        series.push_back(std::make_unique<Series>(Series{mix.Labels(i), {}}));
        current[i] = series.back().get();
      }
      current[i]->samples.push_back(timing.At(mix.Target(i), step), mix.Value(i));
    }
    mix.Advance();
  }
  std::sort(series.begin(), series.end(),
            [](const auto& a, const auto& b) { return a->labels < b->labels; });
  return series;
}

// Writes the series named `name`, or all where that is empty.
BlockMeta WriteBlock(const std::vector<std::unique_ptr<Series>>& series, std::string_view name,
                     const std::string& parent) {
  BlockMeta meta;
  meta.ulid = NewUlid(kStart);
  meta.min_time = kStart;
  meta.max_time = kStart + kBlockRange;
  const auto writer = *BlockWriter::Create(parent, meta);
  for (const auto& one : series) {
    if (!name.empty() && one->labels.Get(kMetricName) != name) continue;
    writer->Add(one->labels, one->samples).IgnoreError();
  }
  return *writer->Finish();
}

void CountDisk(benchmark::State& state, const std::string& directory, const BlockMeta& meta) {
  const auto samples = static_cast<double>(meta.stats.num_samples);
  for (const std::string_view file : {kIndexFile, kChunksFile}) {
    const std::filesystem::path path = std::filesystem::path(directory) / meta.ulid / file;
    state.counters[std::string(file) + "_bytes_per_sample"] =
        static_cast<double>(std::filesystem::file_size(path)) / samples;
  }
}

void BM_BlockWriter_Write(benchmark::State& state) {
  const auto series = MakeMix(static_cast<size_t>(state.range(0)));
  uint64_t samples = 0;
  for (auto _ : state) {
    testing::TempDirectory directory;
    const BlockMeta meta = WriteBlock(series, "", directory.path());
    samples += meta.stats.num_samples;
    CountDisk(state, directory.path(), meta);
  }
  state.SetItemsProcessed(static_cast<int64_t>(samples));
}
BENCHMARK(BM_BlockWriter_Write)
    ->ArgName("series")
    ->Arg(10'000)
    ->Arg(40'000)
    ->Unit(benchmark::kMillisecond);

// Where the bytes go: one kind of the mix alone, of 20,000 series of all kinds.
void BM_BlockWriter_Kind(benchmark::State& state, std::string_view name) {
  static const auto* const series = new std::vector<std::unique_ptr<Series>>(MakeMix(20'000));
  uint64_t samples = 0;
  for (auto _ : state) {
    testing::TempDirectory directory;
    const BlockMeta meta = WriteBlock(*series, name, directory.path());
    samples += meta.stats.num_samples;
    CountDisk(state, directory.path(), meta);
  }
  state.SetItemsProcessed(static_cast<int64_t>(samples));
}
BENCHMARK_CAPTURE(BM_BlockWriter_Kind, constant, "bench_constant");
BENCHMARK_CAPTURE(BM_BlockWriter_Kind, bucket, "bench_latency_seconds_bucket");
BENCHMARK_CAPTURE(BM_BlockWriter_Kind, idle_bucket, "bench_idle_seconds_bucket");
BENCHMARK_CAPTURE(BM_BlockWriter_Kind, integer_counter, "bench_events_total");
BENCHMARK_CAPTURE(BM_BlockWriter_Kind, seconds_counter, "bench_cpu_seconds_total");
BENCHMARK_CAPTURE(BM_BlockWriter_Kind, integer_gauge, "bench_bytes");
BENCHMARK_CAPTURE(BM_BlockWriter_Kind, decimal_gauge, "bench_temperature");
BENCHMARK_CAPTURE(BM_BlockWriter_Kind, double_gauge, "bench_load");
BENCHMARK_CAPTURE(BM_BlockWriter_Kind, double_counter, "bench_latency_seconds_sum");

// A selection of all series and the read of their samples. With `cold` set each time from a block
// just opened, whose pages the operating system has but our cache has not.
void BM_Block_SelectAndRead(benchmark::State& state) {
  testing::TempDirectory directory;
  const BlockMeta meta =
      WriteBlock(MakeMix(static_cast<size_t>(state.range(0))), "", directory.path());
  const auto open = [&] {
    return *Block::Open(directory.path() + "/" + meta.ulid, BlockCache::Create(kCacheBytes));
  };
  std::shared_ptr<Block> block = open();
  SampleColumns samples;
  uint64_t num_samples = 0;
  for (auto _ : state) {
    if (state.range(1) != 0) block = open();
    const auto set = block->NewQuerier()->Select({}, {meta.min_time, meta.max_time - 1});
    for (size_t i = 0; i < (*set)->size(); ++i) {
      (*set)->Read(i, samples).IgnoreError();
      num_samples += samples.size();
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(num_samples));
}
BENCHMARK(BM_Block_SelectAndRead)
    ->ArgNames({"series", "cold"})
    ->ArgsProduct({{20'000}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::tsdb
