#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/model/timestamp.h"
#include "base/run/clock.h"
#include "tsdb/kv/kv_store.h"
#include "tsdb/options.h"

namespace tidemark::tsdb {

// The key of batch `number`: big-endian, so that the store's order is the order of writing.
std::string JournalKey(uint64_t number);
// Its inverse: 0, which is no batch, where `key` is not such a key.
uint64_t JournalNumber(std::string_view key);

// Writes batches under consecutive numbers and fsyncs them as the policy says. Thread-safe, except
// that one thread at a time calls Append. A write that fails, on a full disk say, does not harm the
// batches that wait for their fsync; from then on each Append, DropBefore and Recover first tries
// to bring the store back, at most once a second.
class JournalWriter {
 public:
  struct Options {
    size_t family = 0;  // of the store
    FsyncPolicy fsync = FsyncPolicy::kInterval;
    DurationMs fsync_interval = kSecond;
    uint64_t next_number = 1;
    // What the journal holds already: the number of its first batch, and the bytes of the records
    // from there on (ReplayStats::num_bytes).
    uint64_t first_number = 1, num_bytes = 0;
  };

  // `store` and `clock` outlive it.
  JournalWriter(KvStore& store, Clock& clock, const Options& options);
  ~JournalWriter() { Stop(); }

  // Writes a record; its number. Once this returns Ok a kill of the process does not lose it. After
  // an error, which is the store's (ResourceExhausted where the disk is full), the next Append uses
  // the same number.
  //   Unavailable  also after an fsync failed: what the disk then holds is unknown, so nothing is
  //                written until the store is opened anew
  absl::StatusOr<uint64_t> Append(std::string_view record) ABSL_LOCKS_EXCLUDED(mu_);

  // Under kEveryBatch: returns once batch `number` and all before it are fsynced; one fsync serves
  // all who wait. Otherwise returns at once. Unavailable where the fsync fails.
  absl::Status AwaitDurable(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);
  // Whatever the policy: everything appended before the call is fsynced when it returns.
  //   Unavailable  the fsync fails
  absl::Status Sync() ABSL_LOCKS_EXCLUDED(mu_);
  // The number of the newest batch written.
  uint64_t last_number() const ABSL_LOCKS_EXCLUDED(mu_);

  // Ok where batches can be written, be it that the store had to be brought back.
  absl::Status Recover() ABSL_LOCKS_EXCLUDED(recovery_mu_);
  // Whether no write has failed since the store could last be written. Cheap.
  bool is_writable() const { return is_writable_.load(std::memory_order_relaxed); }

  // Hands the records from batch `first` on to `visit`, as far as they are written, until it gives
  // false; the number to go on from. Damaged and dropped ones are passed over. Recover and Stop
  // wait for it, so `visit` does not call them. Any thread.
  //   Unavailable  after Stop, or where the store cannot be read
  absl::StatusOr<uint64_t> Read(uint64_t first,
                                const std::function<bool(uint64_t, std::string_view)>& visit)
      ABSL_LOCKS_EXCLUDED(mu_, reading_mu_);

  // Removes the batches below `number`, which a checkpoint holds, but for those from `held_from`
  // on: KvStore::DropBefore. A crash or an error leaves some or all of them. Any thread.
  absl::Status DropBefore(uint64_t number,
                          uint64_t held_from = std::numeric_limits<uint64_t>::max())
      ABSL_LOCKS_EXCLUDED(mu_);
  // Bytes of the records from the highest such number on: what a restart replays. After DropBefore
  // an estimate that takes batches for equally large.
  uint64_t bytes_since_drop() const ABSL_LOCKS_EXCLUDED(mu_);

  // Ends the thread of kInterval and all reading. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_, reading_mu_);

 private:
  // A write that the store refuses because one failed before, once more after bringing it back.
  absl::Status PutAndRecover(uint64_t number, std::string_view record);
  // Remembers a failed write; gives it back.
  absl::Status Noted(const absl::Status& written) ABSL_LOCKS_EXCLUDED(recovery_mu_);
  void SyncEveryInterval() ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status AwaitSynced(uint64_t number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Fsyncs without mu_ and notes the outcome.
  void SyncUnlocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasUnsynced() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return synced_ < appended_; }

  KvStore& store_;
  Clock& clock_;
  const Options options_;

  mutable absl::Mutex mu_;
  uint64_t appended_ ABSL_GUARDED_BY(mu_);  // the newest batch written, and the newest
  uint64_t synced_ ABSL_GUARDED_BY(mu_);    // that is known to be on the disk
  bool syncing_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t first_ ABSL_GUARDED_BY(mu_);      // the lowest number that no checkpoint has, and the
  uint64_t num_bytes_ ABSL_GUARDED_BY(mu_);  // bytes from there on
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status sync_status_ ABSL_GUARDED_BY(mu_);  // the first failure stays

  absl::Mutex recovery_mu_;                                  // held while the store is brought back
  std::atomic<bool> is_writable_{true};                      // changed under recovery_mu_
  absl::Status write_status_ ABSL_GUARDED_BY(recovery_mu_);  // of the last write or recovery
  TimestampMs next_recovery_ ABSL_GUARDED_BY(recovery_mu_) = kMinTimestamp;

  // Shared while an iterator of the store is alive; taken after recovery_mu_.
  absl::Mutex reading_mu_;
  bool is_readable_ ABSL_GUARDED_BY(reading_mu_) = true;

  std::thread thread_;  // last: reads all of the above
};

}  // namespace tidemark::tsdb
