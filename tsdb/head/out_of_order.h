#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/sample.h"
#include "base/model/timestamp.h"
#include "tsdb/head/sample_identity.h"
#include "tsdb/head/sealed_chunk.h"

namespace tidemark::tsdb {

// The samples of one series that came after a newer one, floats and native histograms: sealed
// chunks and the rest sorted.
// Copyable, so that a reader pins it. Thread-compatible. Cost: Insert and Find look into one chunk,
// and every so many inserts, whatever their order, rewrite a chunk for each at most.
class OutOfOrder {
 public:
  // No sample at `timestamp` is in it.
  void Insert(TimestampMs timestamp, double value);
  // What it says of counter resets is forgotten.
  void Insert(TimestampMs timestamp, const HistogramView& histogram);
  // What stands at a time, where anything does. DataLoss for a damaged chunk.
  absl::StatusOr<std::optional<SampleIdentity>> Find(TimestampMs timestamp) const;
  // Merges what lies in `range` into `samples`, which are ascending and hold none of these times.
  absl::Status MergeInto(TimeRange range, SampleColumns& samples) const;

  // Sets the samples before `horizon` apart, together with those that are apart already, where no
  // more come to them; null where there are none. They are found and read as before.
  //   DataLoss  a chunk is damaged; nothing has changed
  absl::StatusOr<std::shared_ptr<const SampleColumns>> Freeze(TimestampMs horizon);
  // Ends that: drops what is set apart.
  void DropFrozen() { frozen_.reset(); }

  // Appends an image of it, for a checkpoint.
  void Save(std::string* out) const;
  // Takes an image off the front of `bytes`, which may be any bytes.
  //   DataLoss  not an image, or one of a later version; `bytes` is then anywhere
  static absl::StatusOr<OutOfOrder> Load(std::string_view& bytes);

  bool empty() const { return sealed_.empty() && !open_.has_samples() && frozen_ == nullptr; }
  size_t num_samples() const;
  size_t num_chunks() const {
    return sealed_.size() + (open_.has_samples() ? 1 : 0) + (frozen_ == nullptr ? 0 : 1);
  }
  TimestampMs min_time() const;  // not empty

 private:
  void SealOpen();
  static void AppendSealed(const SampleColumns& samples, std::vector<SealedChunk>& sealed);

  std::vector<SealedChunk> sealed_;  // ascending, none overlaps another; of any kind
  SampleColumns open_;               // ascending
  std::shared_ptr<const SampleColumns> frozen_;
};

}  // namespace tidemark::tsdb
