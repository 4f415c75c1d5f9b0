#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

#include "base/io/hash.h"
#include "base/labels/label_set.h"
#include "base/model/timestamp.h"

namespace tidemark::http {

// Adds up series that come as differences. What a series came to is forgotten when nothing came of
// it for kMaxIdle and with a restart; it then begins anew, which queries take for a counter reset.
// Memory: some 50 bytes a series. Thread-safe.
class DeltaSums {
 public:
  static constexpr DurationMs kMaxIdle = 5 * kMinute;

  struct Sum {
    double value = 0;
    uint64_t time = 0;     // of the newest point, nanoseconds; 0 before the first
    TimestampMs seen = 0;  // when it came
  };

  // The additions of one request: all of them or none count. Other requests wait for its end. One
  // thread.
  class Batch {
   public:
    // `now` is the time of the server.
    Batch(DeltaSums& sums, TimestampMs now);
    // Takes back what was added, unless Keep was called.
    ~Batch();
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    // The sum with this difference, which was measured until `time`, in nanoseconds; nullopt where
    // the series is there already.
    std::optional<double> Add(const LabelSet& series, uint64_t time, double difference);
    void Keep() { before_.clear(); }

   private:
    DeltaSums& sums_;
    absl::MutexLock lock_;
    const TimestampMs now_;
    std::vector<std::pair<Hash128, Sum>> before_;  // of what was added to, in that order
  };

 private:
  void ForgetIdle(TimestampMs now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable absl::Mutex mu_;
  absl::flat_hash_map<Hash128, Sum> sums_ ABSL_GUARDED_BY(mu_);
  TimestampMs looked_at_ ABSL_GUARDED_BY(mu_) = kMinTimestamp;  // for idle ones
};

}  // namespace tidemark::http
