#include "http/api_v1/query_gate.h"

#include <algorithm>

#include "absl/time/time.h"

namespace tidemark::http {
namespace {

// A cancellation wakes nobody, so who waits looks at it this often.
constexpr absl::Duration kCancellationCheck = absl::Milliseconds(50);

absl::Status InQueue(const absl::Status& error) {
  return absl::IsCancelled(error) ? absl::CancelledError("query was canceled in query queue")
                                  : absl::DeadlineExceededError("query timed out in query queue");
}

}  // namespace

QueryGate::QueryGate(size_t max_concurrency, MetricRegistry& metrics)
    : max_concurrency_(std::max<size_t>(max_concurrency, 1)),
      queries_(metrics.AddGauge("prometheus_engine_queries",
                                "Queries that run or wait for their turn.")) {
  metrics.AddGauge("prometheus_engine_queries_concurrent_max", "How many queries may run at once.")
      .Set(static_cast<double>(max_concurrency_));
  const absl::MutexLock lock(&mu_);
  light_.max_running = max_concurrency_;
  heavy_.max_running = max_concurrency_ - (max_concurrency_ + 3) / 5;
  if (max_concurrency_ == 1) heavy_.max_running = 1;
}

absl::Status QueryGate::Enter(Weight weight, const Cancellation& cancellation) {
  const absl::MutexLock lock(&mu_);
  Lane& lane = LaneOf(weight);
  const Waiter self{*this, lane};
  const auto place = lane.waiting.insert(lane.waiting.end(), &self);
  queries_.Add(1);
  absl::Status status = cancellation.Check();
  while (status.ok() &&
         !mu_.AwaitWithTimeout(absl::Condition(&self, &Waiter::IsNext), kCancellationCheck)) {
    status = cancellation.Check();
  }
  lane.waiting.erase(place);
  queries_.Add(-1);  // from here on the engine counts it
  if (!status.ok()) return InQueue(status);
  ++lane.running;
  return absl::OkStatus();
}

void QueryGate::Leave(Weight weight) {
  const absl::MutexLock lock(&mu_);
  --LaneOf(weight).running;
}

}  // namespace tidemark::http
