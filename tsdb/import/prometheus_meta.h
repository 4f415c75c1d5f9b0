#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "tsdb/block/interval_set.h"

// The two small files of a Prometheus block.
namespace tidemark::tsdb {

// Of meta.json, what decides whether and where a block belongs.
struct PrometheusMeta {
  std::string ulid;
  TimestampMs min_time = 0, max_time = 0;  // samples lie in [min_time, max_time)
  std::vector<std::string> parents;        // the blocks it replaces
  bool out_of_order = false;               // made of late samples: says nothing of the head's begin

  TimeRange range() const { return {min_time, max_time - 1}; }
};

//   NotFound             there is no such file
//   DataLoss             it is no meta.json, or contradicts itself
//   FailedPrecondition   a version that is newer than this reader
absl::StatusOr<PrometheusMeta> ReadPrometheusMeta(const std::string& path);

// The file `tombstones`: what has been deleted, by the index's reference of the series. A file that
// is not there says nothing. Layout: prometheus/tsdb/docs/format/tombstones.md.
//   DataLoss  damaged
absl::StatusOr<std::map<uint64_t, IntervalSet>> ReadPrometheusTombstones(const std::string& path);

}  // namespace tidemark::tsdb
