#pragma once

#include <cstddef>
#include <list>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "base/metrics.h"
#include "base/run/cancellation.h"

namespace tidemark::http {

// Lets so many queries run at a time; others wait, first come first served. Thread-safe.
class QueryGate {
 public:
  // `metrics` outlives the gate.
  QueryGate(size_t max_concurrency, MetricRegistry& metrics);

  // Waits for a place, to be given back by Leave.
  //   DeadlineExceeded, Cancelled  as `cancellation` says
  absl::Status Enter(const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mu_);
  void Leave() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Waiter {
    const QueryGate& gate;
    bool IsNext() const ABSL_NO_THREAD_SAFETY_ANALYSIS {  // called under gate.mu_
      return gate.running_ < gate.max_concurrency_ && gate.waiting_.front() == this;
    }
  };

  const size_t max_concurrency_;
  Gauge& queries_;
  absl::Mutex mu_;
  size_t running_ ABSL_GUARDED_BY(mu_) = 0;
  std::list<const Waiter*> waiting_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tidemark::http
