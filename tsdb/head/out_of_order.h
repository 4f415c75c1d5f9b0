#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/sample.h"
#include "base/model/timestamp.h"
#include "tsdb/head/sealed_chunk.h"

namespace tidemark::tsdb {

// The samples of one series that came after a newer one: sealed chunks and the rest sorted.
// Copyable, so that a reader pins it. Thread-compatible. Cost: Insert and Find look into one chunk,
// and every so many inserts, whatever their order, rewrite a chunk for each at most.
class OutOfOrder {
 public:
  // No sample at `timestamp` is in it.
  void Insert(TimestampMs timestamp, double value);
  // The value at a time, where there is one. DataLoss for a damaged chunk.
  absl::StatusOr<std::optional<double>> Find(TimestampMs timestamp) const;
  // Merges what lies in `range` into `samples`, which are ascending and hold none of these times.
  absl::Status MergeInto(TimeRange range, SampleColumns& samples) const;
  // Drops what is certainly older; the number of samples and chunks dropped.
  struct Dropped {
    size_t samples = 0, chunks = 0;
  };
  Dropped DropBefore(TimestampMs horizon);

  bool empty() const { return sealed_.empty() && open_.empty(); }
  size_t num_chunks() const { return sealed_.size() + (open_.empty() ? 0 : 1); }
  TimestampMs min_time() const;  // not empty

 private:
  void SealOpen();
  static void AppendSealed(const SampleColumns& samples, std::vector<SealedChunk>& sealed);

  std::vector<SealedChunk> sealed_;  // ascending, none overlaps another
  SampleColumns open_;               // ascending
};

}  // namespace tidemark::tsdb
