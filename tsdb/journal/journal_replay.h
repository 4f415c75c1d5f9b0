#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "absl/status/statusor.h"

#include "tsdb/journal/journal_record.h"
#include "tsdb/kv/kv_store.h"

namespace tidemark::tsdb {

struct ReplayStats {
  uint64_t num_batches = 0;  // handed on
  uint64_t num_samples = 0;  // in these
  uint64_t num_bytes = 0;    // of the records that were read, damaged ones included
  uint64_t num_damaged = 0;  // batches passed over: damaged, or missing between two others
  // The highest number seen, damaged ones included, and at least the one before the first that was
  // asked for; 0 where there is none.
  uint64_t last_number = 0;
};

struct NumberedBatch {
  uint64_t number = 0;
  const JournalBatch* batch = nullptr;
};

// How far beyond the highest series number known so far a batch may name a new series. Series get
// numbers before they get into the journal, and some never do, so there are gaps; a number far
// beyond is not one that was given out, and a head would make room for all those below it.
inline constexpr uint64_t kMaxSeriesGap = 1 << 24;

// Takes the next batches, some at a time; they are valid until it returns.
using ApplyBatches = std::function<void(std::span<const NumberedBatch> batches)>;

// Hands each batch of the journal from `first_number` on, in order of number, to `apply`. A damaged
// or missing batch is passed over, logged with its number and counted; those after it are handed
// on. They may hold samples of series that only the lost batch named. What is before `first_number`
// is neither read nor missed; where that is 1, the journal may start later. `num_series` are known
// already: all lower numbers. `apply` runs in the thread that calls; another one reads ahead.
// Memory: a few megabytes.
//   FailedPrecondition  a newer version wrote a batch
//   DataLoss            damage reaches over more batches than a damaged block of the store can hold
//   others              those of KvStore: Unavailable where the store cannot be read
absl::StatusOr<ReplayStats> ReplayJournal(const KvStore& store, size_t family,
                                          uint64_t first_number, const ApplyBatches& apply,
                                          uint32_t num_series = 0);
// The whole journal.
absl::StatusOr<ReplayStats> ReplayJournal(const KvStore& store, size_t family,
                                          const ApplyBatches& apply);

}  // namespace tidemark::tsdb
