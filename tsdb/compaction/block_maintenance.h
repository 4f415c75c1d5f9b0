#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/labels/label_matcher.h"
#include "base/metrics.h"
#include "base/run/clock.h"
#include "tsdb/block/block_set.h"
#include "tsdb/compaction/compaction_planner.h"

namespace tidemark::tsdb {

// Keeps the blocks of a store in order: merges small ones into larger ones, deletes what is too old
// or too much, sets damaged ones aside. Runs on the thread of its caller; knows nothing of the
// head. Thread-safe: rounds take turns, while deletions and snapshots wait for no merge.
//
// A merge that fails (the disk is full, say) leaves all blocks as they are and is tried again after
// a minute, then two, up to an hour; retention goes on meanwhile. A merge does not begin where the
// disk could not hold its result.
class BlockMaintenance {
 public:
  struct Options {
    std::vector<DurationMs> ranges;             // BlockRanges
    uint64_t reserve_bytes = 64 * 1024 * 1024;  // of the disk, left free by merges
  };
  // What the store has besides its blocks.
  struct Store {
    uint64_t other_bytes = 0;            // head and journal, for the size limit
    TimestampMs newest = kMinTimestamp;  // its newest sample
  };

  // `blocks`, `clock` and `metrics` outlive it.
  BlockMaintenance(BlockSet& blocks, Options options, const RetentionLimits& retention,
                   const Clock& clock, MetricRegistry& metrics);

  // One round: damaged blocks, retention, then merges until there is nothing to merge. To be called
  // every minute or so, and after blocks have been added. `stop`, which is asked all along, ends
  // it early. Gives the first error; it has been logged and counted.
  absl::Status Run(const Store& store, const std::function<bool()>& stop)
      ABSL_LOCKS_EXCLUDED(round_mu_, edit_mu_);
  // Rewrites every block that has tombstones.  Cancelled  `stop` said so
  absl::Status CleanTombstones(const std::function<bool()>& stop)
      ABSL_LOCKS_EXCLUDED(round_mu_, edit_mu_);
  // Deletes samples from all blocks, and from those that a running merge is about to make: every
  // deletion goes through here. The number of (series, block) concerned. An error of one block does
  // not spare the others.
  absl::StatusOr<size_t> Delete(std::span<const LabelMatcher> matchers, TimeRange range)
      ABSL_LOCKS_EXCLUDED(edit_mu_);
  // SnapshotBlocks of all blocks as they are now.
  absl::Status Snapshot(const std::string& directory) ABSL_LOCKS_EXCLUDED(edit_mu_);
  // From the next round on.
  void SetRetention(const RetentionLimits& retention) ABSL_LOCKS_EXCLUDED(edit_mu_);

 private:
  struct Metrics {
    explicit Metrics(MetricRegistry& registry);
    Counter& triggered;
    Counter& merges;
    Counter& failures;
    Counter& vertical_merges;
    Histogram& merge_seconds;
    Counter& time_retentions;
    Counter& size_retentions;
    Gauge& retention_seconds;
    Gauge& retention_bytes;
    Histogram& cleanup_seconds;
  };

  absl::Status Retain(const Store& store) ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mu_)
      ABSL_LOCKS_EXCLUDED(edit_mu_);
  absl::Status DeleteBlocks(const std::vector<std::string>& ulids, std::string_view reason)
      ABSL_LOCKS_EXCLUDED(edit_mu_);
  absl::Status MergeAll(const std::function<bool()>& stop) ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mu_)
      ABSL_LOCKS_EXCLUDED(edit_mu_);
  absl::Status Merge(const BlockList& inputs, const std::function<bool()>& stop)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mu_) ABSL_LOCKS_EXCLUDED(edit_mu_);
  absl::StatusOr<BlockMeta> WriteMerged(const BlockList& inputs, const std::function<bool()>& stop)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mu_) ABSL_LOCKS_EXCLUDED(edit_mu_);
  absl::Status CheckDiskSpace(const BlockList& inputs) const;
  void PutOff(const absl::Status& reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mu_);

  BlockSet& blocks_;
  const Options options_;
  const Clock& clock_;
  Metrics metrics_;

  absl::Mutex round_mu_;  // held for a whole round; taken before edit_mu_
  int num_failures_ ABSL_GUARDED_BY(round_mu_) = 0;  // in a row
  TimestampMs retry_at_ ABSL_GUARDED_BY(round_mu_) = kMinTimestamp;

  // Held while the list of blocks or their tombstones change, never while a merge reads or writes
  // samples.
  absl::Mutex edit_mu_;
  RetentionLimits retention_ ABSL_GUARDED_BY(edit_mu_);
  std::vector<std::string> merging_ ABSL_GUARDED_BY(edit_mu_);  // ulids
  // Something was deleted from merging_ since its merge began: what it has written must not be
  // used.
  std::atomic<bool> merging_changed_{false};
};

}  // namespace tidemark::tsdb
