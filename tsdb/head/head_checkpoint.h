#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tsdb/journal/checkpoint_file.h"
#include "tsdb/journal/checkpoint_slabs.h"

namespace tidemark::tsdb {

enum class CheckpointMode {
  kFull,         // all of the head; older files go
  kIncremental,  // what is new since the last one, and all open chunks
};

// What a start found of the last checkpoint.
struct LoadedCheckpoint {
  uint64_t covers = 1;       // its samples are those of the batches before this one, and some more
  uint64_t replay_from = 1;  // where replay begins: `covers`, or before it where some are missing
  uint32_t num_places = 0;   // all numbers of series are below it
  uint64_t num_series = 0, num_chunks = 0, num_samples = 0;
  std::vector<std::string> damaged;  // files, by path: damaged in part or as a whole, or missing
};

// What is in the files of the current checkpoint, so that the next one adds the rest.
struct CheckpointProgress {
  CheckpointFiles files;
  uint64_t next_file = 1;
  std::vector<bool> has_series;  // by number
  // Of each series, likewise: the sealed samples before this number, as in Series::num_samples.
  std::vector<uint32_t> sealed_end;
  bool needs_full = true;  // there is none, or it cannot be built on
};

// Which batches replay may pass over: a checkpoint is written while batches come in, so that later
// slabs of it have some that earlier ones do not.
class CheckpointedSeries {
 public:
  CheckpointedSeries() = default;
  explicit CheckpointedSeries(uint32_t num_series)
      : covers_(num_series / StateSlab::kSeries + 1), is_in_(covers_.size() * StateSlab::kSeries) {}

  // What a slab of state says of a series, one of `num_series`: it has all batches before `covers`.
  // Threads may add what different slabs say.
  void Add(uint32_t series, uint64_t covers) {
    covers_[series / StateSlab::kSeries] = covers;
    is_in_[series] = true;
  }
  // A series took the place of that one.
  void Remove(uint32_t series) {
    if (series < is_in_.size()) is_in_[series] = false;
  }
  bool Covers(uint32_t series, uint64_t batch) const {
    return series < is_in_.size() && batch < covers_[series / StateSlab::kSeries] && is_in_[series];
  }

 private:
  std::vector<uint64_t> covers_;  // by slab
  std::vector<bool> is_in_;       // by series
  static_assert(StateSlab::kSeries % 64 == 0, "no word of is_in_ is of two slabs");
};

// The files in a directory of checkpoints that are named as such; nothing where there is none.
struct CheckpointListing {
  std::vector<uint64_t> series, state;  // numbers, ascending
};
CheckpointListing ListCheckpointFiles(const std::string& directory);
// Removes those that do not belong to `files`.
void RemoveOtherCheckpointFiles(const std::string& directory, const CheckpointFiles& files);
inline std::string CheckpointManifestPath(const std::string& directory) {
  return directory + "/manifest";
}

}  // namespace tidemark::tsdb
