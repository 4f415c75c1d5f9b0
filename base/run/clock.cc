#include "base/run/clock.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tidemark {
namespace {

class RealClock : public Clock {
 public:
  TimestampMs Now() const override { return absl::ToUnixMillis(absl::Now()); }

  bool WaitUntil(absl::Mutex& mu, const absl::Condition& wake, TimestampMs deadline) override {
    return mu.AwaitWithDeadline(wake, absl::FromUnixMillis(deadline));
  }
};

}  // namespace

Clock& Clock::Real() {
  static RealClock* const clock = new RealClock;
  return *clock;
}

}  // namespace tidemark
