#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "tsdb/options.h"

// What the writer of the crash test appends: a function of thread and batch number alone, so that
// the test knows every value without having written it.
namespace tidemark::crash {

inline constexpr int kNumThreads = 2;

// A store that cuts, merges and checkpoints all the time.
tsdb::Options CrashOptions(const std::string& directory);

struct PlannedSample {
  LabelSet labels;
  TimestampMs timestamp;
  double value;
};

// Some tens of samples at one time, now and then of a new series or late.
std::vector<PlannedSample> PlanBatch(int thread, uint64_t number);

using SeriesSamples = std::map<LabelSet, std::map<TimestampMs, double>>;
// Adds what batches [begin, end) of a thread leave in a store.
void AddBatches(int thread, uint64_t begin, uint64_t end, SeriesSamples& out);

}  // namespace tidemark::crash
