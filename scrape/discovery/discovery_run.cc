#include "scrape/discovery/discovery_run.h"

#include <optional>

namespace tidemark::scrape {

DiscoveryRun::DiscoveryRun(HttpClient& http, Clock& clock, MetricRegistry& metrics,
                           std::string config_name, Publisher publish)
    : http_(http),
      clock_(clock),
      metrics_(metrics),
      config_name_(std::move(config_name)),
      publish_(std::move(publish)) {}

DiscoveryRun::Wait DiscoveryRun::WaitUntil(TimestampMs deadline) {
  State& state = *state_;
  const auto over = [&state]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mu) {
    return state.stopped || state.woken;
  };
  absl::MutexLock lock(&state.mu);
  clock_.WaitUntil(state.mu, absl::Condition(&over), deadline);
  if (state.stopped) return Wait::kStopped;
  return std::exchange(state.woken, false) ? Wait::kWoken : Wait::kTime;
}

void DiscoveryRun::Wake() {
  absl::MutexLock lock(&state_->mu);
  state_->woken = true;
}

absl::StatusOr<HttpResponse> DiscoveryRun::Fetch(HttpRequest request,
                                                 const HttpClientOptions& options) {
  using Outcome = std::optional<absl::StatusOr<HttpResponse>>;  // guarded by the state's mutex
  const auto outcome = std::make_shared<Outcome>();
  http_.Send(std::move(request), options,
             [state = state_, outcome](absl::StatusOr<HttpResponse> response) {
               absl::MutexLock lock(&state->mu);
               *outcome = std::move(response);
             });
  State& state = *state_;
  const auto over = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mu) {
    return state.stopped || outcome->has_value();
  };
  absl::MutexLock lock(&state.mu);
  state.mu.Await(absl::Condition(&over));
  if (state.stopped) return absl::CancelledError("the discovery was stopped");
  return *std::move(*outcome);
}

void DiscoveryRun::Stop() {
  absl::MutexLock lock(&state_->mu);
  state_->stopped = true;
}

bool DiscoveryRun::stopped() const {
  absl::MutexLock lock(&state_->mu);
  return state_->stopped;
}

}  // namespace tidemark::scrape
