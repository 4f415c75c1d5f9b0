#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// What meta.json says about a block; the field names there are Prometheus's.
struct BlockMeta {
  std::string ulid;  // also the name of its directory
  // Samples lie in [min_time, max_time).
  TimestampMs min_time = 0, max_time = 0;
  struct Stats {
    uint64_t num_samples = 0, num_series = 0, num_chunks = 0, num_tombstones = 0;
  } stats;
  struct Compaction {
    int level = 1;                     // 1: cut from the head or imported
    std::vector<std::string> sources;  // the level 1 blocks it was made of, itself where it is one
    std::vector<std::string> parents;  // the blocks it was merged from
  } compaction;

  TimeRange range() const { return {min_time, max_time - 1}; }
  bool Overlaps(const BlockMeta& other) const {
    return min_time < other.max_time && other.min_time < max_time;
  }
};

// The text of meta.json: JSON that ends in a checksum of itself; docs/storage-format.md.
std::string FormatBlockMeta(const BlockMeta& meta);
//   DataLoss             not the text of a meta.json, or one that contradicts itself
//   FailedPrecondition   a newer version wrote it
absl::StatusOr<BlockMeta> ParseBlockMeta(std::string_view text);

// A new identifier of 26 characters whose order is that of creation: the ULID specification,
// https://github.com/ulid/spec. `now` in milliseconds since the Unix epoch. Thread-safe.
std::string NewUlid(TimestampMs now);
bool IsUlid(std::string_view text);

}  // namespace tidemark::tsdb
