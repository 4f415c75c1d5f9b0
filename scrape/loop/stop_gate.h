#pragma once

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tidemark::scrape {

// Lets callbacks of other threads through until it is closed. Whoever may be called late holds the
// gate by shared_ptr and does what it does inside Run, so it never touches what is gone.
// Thread-safe.
class StopGate {
 public:
  // Calls `fn`, unless the gate is closed.
  template <typename Fn>
  void Run(Fn&& fn) ABSL_LOCKS_EXCLUDED(mu_) {
    {
      absl::MutexLock lock(&mu_);
      if (closed_) return;
      ++running_;
    }
    std::forward<Fn>(fn)();
    absl::MutexLock lock(&mu_);
    --running_;
  }

  // Closes the gate and waits for the calls that are under way. Not from inside Run. Idempotent.
  void Close() ABSL_LOCKS_EXCLUDED(mu_) {
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return running_ == 0; };
    absl::MutexLock lock(&mu_);
    closed_ = true;
    mu_.Await(absl::Condition(&idle));
  }

 private:
  absl::Mutex mu_;  // nothing else is locked under it
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  int running_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace tidemark::scrape
