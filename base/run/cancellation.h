#pragma once

#include <atomic>

#include "absl/status/status.h"

#include "base/run/clock.h"

namespace tidemark {

// Lets one thread ask others to give up, at once or at a time. Work asks Check() every so often.
// Thread-safe.
class Cancellation {
 public:
  Cancellation() = default;
  // Is cancelled with `parent` too, where there is one. `clock` and `parent` outlive this.
  Cancellation(const Clock& clock, TimestampMs deadline, const Cancellation* parent = nullptr)
      : clock_(&clock), deadline_(deadline), parent_(parent) {}
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  // Ok, Cancelled, or DeadlineExceeded.
  absl::Status Check() const {
    if (cancelled_.load(std::memory_order_relaxed)) return absl::CancelledError("cancelled");
    if (clock_ != nullptr && clock_->Now() >= deadline_) {
      return absl::DeadlineExceededError("deadline exceeded");
    }
    return parent_ != nullptr ? parent_->Check() : absl::OkStatus();
  }

 private:
  const Clock* clock_ = nullptr;
  TimestampMs deadline_ = kMaxTimestamp;
  const Cancellation* parent_ = nullptr;
  std::atomic<bool> cancelled_{false};
};

}  // namespace tidemark
