#pragma once

#include <atomic>

#include "base/run/clock.h"

namespace tidemark {

// A clock that stands still until a test moves it. Thread-safe.
class FakeClock : public Clock {
 public:
  explicit FakeClock(TimestampMs now) : now_(now) {}

  TimestampMs Now() const override { return now_.load(); }
  void Set(TimestampMs now) { now_.store(now); }
  void Advance(DurationMs by) { now_.fetch_add(by); }

  // Looks at the time again every millisecond: who waits is found by none but itself, so there is
  // no list of waiters to outlive them.
  bool WaitUntil(absl::Mutex& mu, const absl::Condition& wake, TimestampMs deadline) override;

 private:
  std::atomic<TimestampMs> now_;
};

}  // namespace tidemark
