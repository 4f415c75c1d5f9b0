#include "http/remote/read_gate.h"

#include "absl/time/time.h"

namespace tidemark::http {
namespace {

// A cancellation wakes nobody, so who waits looks at it this often.
constexpr absl::Duration kCancellationCheck = absl::Milliseconds(50);

}  // namespace

ReadGate::ReadGate(size_t max_running, MetricRegistry& metrics)
    : max_running_(max_running),
      queries_(metrics.AddGauge("prometheus_remote_read_handler_queries",
                                "Remote reads that are being answered.")) {}

absl::StatusOr<ReadGate::Place> ReadGate::Enter(const Cancellation& cancellation) {
  const absl::MutexLock lock(&mu_);
  const absl::Condition has_place(this, &ReadGate::HasPlace);
  while (!mu_.AwaitWithTimeout(has_place, kCancellationCheck)) {
    if (absl::Status status = cancellation.Check(); !status.ok()) return status;
  }
  ++running_;
  queries_.Add(1);
  return Place(this, [](const void* gate) {
    const_cast<ReadGate*>(static_cast<const ReadGate*>(gate))->Leave();
  });
}

void ReadGate::Leave() {
  const absl::MutexLock lock(&mu_);
  --running_;
  queries_.Add(-1);
}

}  // namespace tidemark::http
