#pragma once

#include "absl/synchronization/mutex.h"

#include "base/model/timestamp.h"

namespace tidemark {

// What time it is, and waiting for a time. Everything that waits or stamps takes one, so that tests
// decide what time it is (fake_clock.h). Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimestampMs Now() const = 0;
  // Waits until `wake` holds or the time is `deadline` or later; true where `wake` holds. `mu` is
  // held at the call and on return, and `wake` is read under it.
  virtual bool WaitUntil(absl::Mutex& mu, const absl::Condition& wake, TimestampMs deadline) = 0;

  static Clock& Real();  // the system's wall clock; lives for ever
};

}  // namespace tidemark
