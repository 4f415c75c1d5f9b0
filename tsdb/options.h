#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// How often the journal is fsynced. A kill of the process loses nothing either way; a power cut
// loses what was written since the last fsync.
enum class FsyncPolicy { kEveryBatch, kInterval, kNever };

struct Options {
  std::string path;                  // the data directory; made where it is absent
  DurationMs retention = 15 * kDay;  // 0 keeps everything
  DurationMs out_of_order_window =
      kHour;  // how much older than the newest sample of its series one may be
  DurationMs max_future = 10 * kMinute;    // how far ahead of the clock a sample may be
  uint64_t max_bytes = 0;                  // of everything stored; 0 is no limit
  DurationMs min_block_range = 2 * kHour;  // of a block cut from the head, and its alignment
  DurationMs max_block_range =
      0;  // of a merged block; 0: a tenth of the retention, at most 31 days
  size_t block_cache_bytes = 64 << 20;   // decompressed parts of blocks, kept for queries
  uint64_t checkpoint_bytes = 48 << 20;  // of journal since the last checkpoint, then one is due
  size_t max_exemplars = 0;              // of all series; 0 stores none
  // Between the two looks that find a series idle before it leaves: longer than it takes from
  // looking a series up to the commit.
  DurationMs idle_interval = kMinute;
  // How much of the journal is kept for those who have not read it: JournalFeed. Past it the oldest
  // part goes unread.
  uint64_t max_held_journal_bytes = uint64_t{16} << 30;
  // Keeps the journal from the start on, until JournalFeed::Release(kStartupReader): for readers
  // that come later.
  bool hold_journal = false;
  // Keeps samples in the journal only, for its readers: queries find none, no blocks are made, and a
  // series that has had none for an hour leaves. Late samples are not known to be there already.
  bool forward_only = false;
  FsyncPolicy fsync = FsyncPolicy::kInterval;
  DurationMs fsync_interval = kSecond;
};

}  // namespace tidemark::tsdb
