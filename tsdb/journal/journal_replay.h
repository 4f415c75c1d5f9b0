#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"

#include "tsdb/journal/journal_record.h"
#include "tsdb/kv/kv_store.h"

namespace tidemark::tsdb {

struct ReplayStats {
  uint64_t num_batches = 0;  // handed on
  uint64_t num_samples = 0;  // in these
  uint64_t num_damaged = 0;  // batches passed over: damaged, or missing between two others
  uint64_t last_number = 0;  // the highest number seen, damaged ones included; 0 where none
};

// Hands each batch of the journal, in order of number, to `apply`. A damaged or missing batch is
// passed over, logged with its number and counted; those after it are handed on. They may hold
// samples of series that only the lost batch named.
//   FailedPrecondition  a newer version wrote a batch
//   Unavailable         the store cannot be read
absl::StatusOr<ReplayStats> ReplayJournal(
    const KvStore& store, size_t family,
    const std::function<void(uint64_t number, const JournalBatch& batch)>& apply);

}  // namespace tidemark::tsdb
