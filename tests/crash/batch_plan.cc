#include "tests/crash/batch_plan.h"

#include "base/strings.h"

namespace tidemark::crash {
namespace {

constexpr uint64_t kNumSeries = 20;
constexpr uint64_t kBatchesPerNewSeries = 10;
constexpr uint64_t kBatchesPerLateSample = 7;
constexpr TimestampMs kStart = 1'700'000'000'000;

LabelSet SeriesLabels(int thread, uint64_t series) {
  return {{"__name__", "crash"},
          {"kind", series % 4 == 0 ? "histogram" : ""},
          {"thread", StrCat(thread)},
          {"series", StrCat(series)}};
}

}  // namespace

tsdb::Options CrashOptions(const std::string& directory) {
  tsdb::Options options{.path = directory};
  options.retention = 0;
  options.min_block_range = 20 * kSecond;
  options.max_block_range = 180 * kSecond;
  options.checkpoint_bytes = 4096;
  options.idle_interval = 0;
  return options;
}

std::vector<PlannedSample> PlanBatch(int thread, uint64_t number) {
  std::vector<PlannedSample> batch;
  const TimestampMs now = kStart + static_cast<TimestampMs>(number) * kSecond;
  for (uint64_t s = 0; s < kNumSeries; ++s) {
    batch.push_back(
        {SeriesLabels(thread, s), now, static_cast<double>(number * (s % 3) + s) * 0.1});
  }
  const uint64_t newest = kNumSeries + number / kBatchesPerNewSeries;
  batch.push_back({SeriesLabels(thread, newest), now, static_cast<double>(number)});
  if (number % kBatchesPerLateSample == 1) {
    batch.push_back({SeriesLabels(thread, 0), now - kSecond / 2, -1});
  }
  return batch;
}

void AddBatches(int thread, uint64_t begin, uint64_t end, SeriesSamples& out) {
  for (uint64_t number = begin; number < end; ++number) {
    for (const PlannedSample& s : PlanBatch(thread, number)) out[s.labels][s.timestamp] = s.value;
  }
}

}  // namespace tidemark::crash
