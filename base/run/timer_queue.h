#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/run/clock.h"

namespace tidemark {

// Calls functions at given times of a clock, one at a time on a thread of its own, earliest first.
// A function should hand long work to a pool. Thread-safe.
class TimerQueue {
 public:
  using TimerId = uint64_t;  // 0 is no timer

  // `clock` outlives the queue.
  explicit TimerQueue(Clock& clock);
  ~TimerQueue() { Stop(); }

  // Calls `fn` as soon as the clock shows `when` or later; at once if it already does.
  TimerId At(TimestampMs when, std::function<void()> fn) ABSL_LOCKS_EXCLUDED(mu_);
  // True where the function will not be called any more. Where it is being called, waits for it to
  // return and gives false, unless it is the function itself that calls Cancel.
  bool Cancel(TimerId id) ABSL_LOCKS_EXCLUDED(mu_);
  // Drops what is waiting and waits for the function being called. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Key = std::pair<TimestampMs, TimerId>;
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  bool FirstChanged() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Clock& clock_;
  absl::Mutex mu_;
  std::map<Key, std::function<void()>> timers_ ABSL_GUARDED_BY(mu_);
  TimerId last_id_ ABSL_GUARDED_BY(mu_) = 0;
  TimerId running_ ABSL_GUARDED_BY(mu_) = 0;
  Key awaited_ ABSL_GUARDED_BY(mu_){kMaxTimestamp, 0};  // what the thread sleeps for
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: reads all of the above
};

}  // namespace tidemark
