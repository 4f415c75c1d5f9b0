#pragma once

#include <cstddef>
#include <list>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "base/metrics.h"
#include "base/run/cancellation.h"

namespace tidemark::http {

// Lets so many queries run at a time; others wait, first come first served. A fifth of the places,
// where there are several at least one, is kept for light queries, so that heavy ones cannot hold
// all of them up. Thread-safe.
class QueryGate {
 public:
  enum class Weight { kLight, kHeavy };

  // `metrics` outlives the gate.
  QueryGate(size_t max_concurrency, MetricRegistry& metrics);

  // Waits for a place, to be given back by Leave with the same weight.
  //   DeadlineExceeded, Cancelled  as `cancellation` says
  absl::Status Enter(Weight weight, const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mu_);
  void Leave(Weight weight) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // Queries of one weight.
  struct Lane {
    size_t max_running = 0;
    size_t running = 0;
    std::list<const void*> waiting;
  };
  struct Waiter {
    const QueryGate& gate;
    const Lane& lane;
    bool IsNext() const ABSL_NO_THREAD_SAFETY_ANALYSIS {  // called under gate.mu_
      return gate.light_.running + gate.heavy_.running < gate.max_concurrency_ &&
             lane.running < lane.max_running && lane.waiting.front() == this;
    }
  };
  Lane& LaneOf(Weight weight) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return weight == Weight::kLight ? light_ : heavy_;
  }

  const size_t max_concurrency_;
  Gauge& queries_;
  absl::Mutex mu_;
  Lane light_ ABSL_GUARDED_BY(mu_), heavy_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tidemark::http
