#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// What a stored chunk says about its samples without being decoded. Chunks that hold a NaN, a
// staleness marker among them, have none: their samples must be read.
struct ChunkSummary {
  TimeRange range;           // of its first and last sample
  uint32_t num_samples = 0;  // at least 1
  double first = 0, last = 0, min = 0, max = 0;
  double sum = 0;       // added in order of time
  double increase = 0;  // last - first, corrected for counter resets: a value below the one before
                        // it counts as a start from 0
};

// The series that a selection found, each once, ascending by label set. Pins what it reads from, so
// that it stays as it was while samples keep coming in. Thread-compatible: several threads may Read
// at once.
class SeriesSet {
 public:
  virtual ~SeriesSet() = default;
  virtual size_t size() const = 0;
  // The labels of series `i` < size(), as LabelSet::bytes() has them; valid as long as the set.
  virtual std::string_view label_bytes(size_t i) const = 0;
  LabelSet labels(size_t i) const { return LabelSet::FromKnownBytes(label_bytes(i)); }
  // Replaces `out` by the samples of series `i` in the range that was asked for; perhaps none.
  // Staleness markers are samples.  DataLoss  a checksum failed; the message names the place
  virtual absl::Status Read(size_t i, SampleColumns& out) const = 0;
  // The same, of the part of that range which lies in `range`. Where the store keeps summaries this
  // costs only the chunks that overlap it.
  virtual absl::Status ReadRange(size_t i, TimeRange range, SampleColumns& out) const;
  // Replaces `out` by the newest of the samples that Read gives, where there is any.
  virtual absl::Status ReadNewest(size_t i, SampleColumns& out) const;
  // A range in which all samples lie that Read gives of series `i`; perhaps much longer.
  virtual TimeRange Extent(size_t) const { return TimeRange(); }
  // Replaces `out` by the summaries of those stretches of series `i`, ascending, whose samples lie
  // wholly in the range that was asked for, and in which Read would give just the samples of one
  // chunk; perhaps none. Everything else must be read.
  virtual absl::Status ReadSummaries(size_t i, std::vector<ChunkSummary>& out) const;
  // Those of the labels of series `i` that have one of the `names`. May be had without the others.
  virtual LabelSet KeptLabels(size_t i, const std::vector<std::string>& names) const {
    return KeepLabels(label_bytes(i), names);
  }
};

// Drops all but the last sample, be it a float or a histogram.
void KeepNewest(SampleColumns& samples);

// A view of stored series. Remote storage, blocks and the head are all Queriers; MergingQuerier
// makes one of several. Thread-safe.
class Querier {
 public:
  virtual ~Querier() = default;

  // The series that pass all `matchers` and may have samples in `range`. No matchers select
  // everything.
  virtual absl::StatusOr<std::unique_ptr<SeriesSet>> Select(std::span<const LabelMatcher> matchers,
                                                            TimeRange range) const = 0;
  // Label names, and values of a label, of the series that Select would give: sorted, each once.
  virtual absl::StatusOr<std::vector<std::string>> LabelNames(
      std::span<const LabelMatcher> matchers, TimeRange range) const = 0;
  virtual absl::StatusOr<std::vector<std::string>> LabelValues(
      std::string_view name, std::span<const LabelMatcher> matchers, TimeRange range) const = 0;
};

// What can be queried. Thread-safe.
class Queryable {
 public:
  virtual ~Queryable() = default;
  // A querier that sees every batch committed before the call. The queryable outlives it.
  virtual std::unique_ptr<Querier> NewQuerier() const = 0;
};

}  // namespace tidemark::tsdb
