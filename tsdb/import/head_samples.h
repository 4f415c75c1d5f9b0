#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "tsdb/block/interval_set.h"
#include "tsdb/import/head_files.h"
#include "tsdb/prometheus_import.h"

namespace tidemark::tsdb {

// What a Prometheus had in its head, by series. One thread.
//
// The logs are in order of time and blocks are in order of series, so the files are read once for
// the series and the number of their samples, and then once for every run of series whose samples
// fit the memory.
class HeadSamples {
 public:
  using Visitor = std::function<absl::Status(const LabelSet& labels, SampleColumns& samples)>;

  // Reads the series. Samples before `begin` that came in order are left out. What is damaged goes
  // to `report`.
  HeadSamples(const std::string& directory, TimestampMs begin, size_t memory_bytes,
              ImportReport& report);

  // The times, as numbers of stretches of kPartition since 1970, that may have samples.
  const std::set<int64_t>& partitions() const { return partitions_; }

  // Gives the series that have samples in `range`, ascending; ends with the first error.
  absl::Status Visit(TimeRange range, const Visitor& visitor) const;

  static constexpr DurationMs kPartition = 2 * kHour;

 private:
  // Where a sample stands decides what its neighbours mean, so the places are kept apart.
  enum Place : size_t { kChunk, kLog, kLate, kNumPlaces };
  using Counts = std::array<uint32_t, kNumPlaces>;
  class Survey;
  class Collection;

  bool Wanted(Place place, TimestampMs t) const { return place == kLate || t >= begin_; }
  void Rank(std::vector<LabelSet> labels, const std::vector<Counts>& counts,
            const std::vector<uint64_t>& histogram_bytes);
  size_t EndOfRun(size_t first) const;

  const TimestampMs begin_;
  const size_t memory_bytes_;
  const HeadFiles files_;
  bool chunks_damaged_ = false;
  std::set<int64_t> partitions_;
  // Label sets in order, each once, and by their numbers the most samples they can have in each
  // place.
  std::vector<LabelSet> labels_;
  std::vector<uint32_t> counts_;
  std::vector<uint64_t> histogram_bytes_;  // by the same numbers: what they take in memory
  std::map<uint32_t, IntervalSet> deleted_;
  // Prometheus's references; a series that came back after a while has several.
  absl::flat_hash_map<uint64_t, uint32_t> by_ref_;
};

}  // namespace tidemark::tsdb
