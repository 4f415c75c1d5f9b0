#include "base/run/fake_clock.h"

#include "absl/time/time.h"

namespace tidemark {

bool FakeClock::WaitUntil(absl::Mutex& mu, const absl::Condition& wake, TimestampMs deadline) {
  while (!mu.AwaitWithTimeout(wake, absl::Milliseconds(1))) {
    if (Now() >= deadline) return wake.Eval();
  }
  return true;
}

}  // namespace tidemark
