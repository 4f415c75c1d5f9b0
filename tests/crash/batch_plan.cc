#include "tests/crash/batch_plan.h"

#include "base/strings.h"

namespace tidemark::crash {
namespace {

constexpr uint64_t kNumSeries = 20;
constexpr uint64_t kBatchesPerNewSeries = 10;
constexpr uint64_t kBatchesPerLateSample = 7;
constexpr TimestampMs kStart = 1'700'000'000'000;

LabelSet SeriesLabels(int thread, uint64_t series) {
  return {{"__name__", "crash"}, {"thread", StrCat(thread)}, {"series", StrCat(series)}};
}

}  // namespace

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
