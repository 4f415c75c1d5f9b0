#pragma once

#include <cstddef>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/metrics.h"
#include "base/run/cancellation.h"

namespace tidemark::http {

// Lets so many remote reads run at a time; others wait. Thread-safe.
class ReadGate {
 public:
  // 0: any number. `metrics` outlives the gate.
  ReadGate(size_t max_running, MetricRegistry& metrics);

  // A place is given back with the last pointer to it. The gate outlives it.
  using Place = std::shared_ptr<const void>;
  // Waits for a place.
  //   Cancelled, DeadlineExceeded  as `cancellation` says
  absl::StatusOr<Place> Enter(const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Leave() ABSL_LOCKS_EXCLUDED(mu_);
  bool HasPlace() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return max_running_ == 0 || running_ < max_running_;
  }

  const size_t max_running_;
  Gauge& queries_;
  absl::Mutex mu_;
  size_t running_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace tidemark::http
