#pragma once

#include <cstdint>
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
// that one thread at a time calls Append.
class JournalWriter {
 public:
  struct Options {
    size_t family = 0;  // of the store
    FsyncPolicy fsync = FsyncPolicy::kInterval;
    DurationMs fsync_interval = kSecond;
    uint64_t next_number = 1;
  };

  // `store` and `clock` outlive it.
  JournalWriter(KvStore& store, Clock& clock, const Options& options);
  ~JournalWriter() { Stop(); }

  // Writes a record; its number. Once this returns Ok a kill of the process does not lose it. After
  // an error, which is the store's, the next Append uses the same number and first tries to bring
  // the store back.
  //   Unavailable  also after an fsync failed: what the disk then holds is unknown, so nothing is
  //                written until the store is opened anew
  absl::StatusOr<uint64_t> Append(std::string_view record) ABSL_LOCKS_EXCLUDED(mu_);

  // Under kEveryBatch: returns once batch `number` and all before it are fsynced; one fsync serves
  // all who wait. Otherwise returns at once. Unavailable where the fsync fails.
  absl::Status AwaitDurable(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);
  // The number of the newest batch written.
  uint64_t last_number() const ABSL_LOCKS_EXCLUDED(mu_);

  // Ends the thread of kInterval. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void SyncEveryInterval() ABSL_LOCKS_EXCLUDED(mu_);
  // Fsyncs without mu_ and notes the outcome.
  void SyncUnlocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasUnsynced() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return synced_ < appended_ && !store_failed_;
  }

  KvStore& store_;
  Clock& clock_;
  const Options options_;

  mutable absl::Mutex mu_;
  uint64_t appended_ ABSL_GUARDED_BY(mu_);  // the newest batch written, and the newest
  uint64_t synced_ ABSL_GUARDED_BY(mu_);    // that is known to be on the disk
  bool syncing_ ABSL_GUARDED_BY(mu_) = false;
  bool store_failed_ ABSL_GUARDED_BY(mu_) = false;  // the last Put did, Recover is due
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status sync_status_ ABSL_GUARDED_BY(mu_);  // the first failure stays
  std::thread thread_;                             // last: reads all of the above
};

}  // namespace tidemark::tsdb
