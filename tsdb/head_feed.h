#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/strings.h"
#include "tsdb/head/head.h"
#include "tsdb/journal/journal_writer.h"
#include "tsdb/journal_feed.h"

namespace tidemark::tsdb {

// The feed of a store that is open: batches from its journal, labels from its head.
class HeadFeed : public JournalFeed {
 public:
  // Both outlive it.
  HeadFeed(const Head& head, JournalWriter& journal) : head_(head), journal_(journal) {}

  uint64_t LastNumber() const override { return journal_.last_number(); }
  TimestampMs Newest() const override { return head_.Newest(); }
  absl::StatusOr<uint64_t> Read(uint64_t first, const Visit& visit) override;
  std::optional<LabelSet> Labels(SeriesRef series) const override;
  void Hold(std::string_view reader, uint64_t number) override ABSL_LOCKS_EXCLUDED(mu_);
  void Release(std::string_view reader) override ABSL_LOCKS_EXCLUDED(mu_);

  // The lowest number that is held; the largest there is where none is.
  uint64_t OldestHeld() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Head& head_;
  JournalWriter& journal_;
  mutable absl::Mutex mu_;  // nothing else is locked under it
  StringMap<uint64_t> held_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tidemark::tsdb
