#include "alerting/receivers/receiver_queue.h"

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

constexpr DurationMs kFirstPause = kSecond;
constexpr DurationMs kLongestPause = 30 * kSecond;
// Rules stop telling of a resolved alert after so long.
constexpr DurationMs kResolvedMatters = 15 * kMinute;

DurationMs Pause(int failures) {
  return std::min(kLongestPause, kFirstPause << std::min(failures - 1, 10));
}

bool Matters(const Notification& alert, TimestampMs now) {
  return alert.resolved ? now - alert.ends_at <= kResolvedMatters : now < alert.ends_at;
}

enum class Outcome { kDelivered, kRetry, kRefused };

Outcome Judge(const absl::StatusOr<HttpResponse>& answer) {
  if (!answer.ok()) {
    const bool usable = !absl::IsInvalidArgument(answer.status());
    return usable ? Outcome::kRetry : Outcome::kRefused;
  }
  if (answer->status / 100 == 2) return Outcome::kDelivered;
  return answer->status / 100 == 5 || answer->status == 429 ? Outcome::kRetry : Outcome::kRefused;
}

std::string Reason(const absl::StatusOr<HttpResponse>& answer) {
  if (!answer.ok()) return std::string(answer.status().message());
  constexpr size_t kMaxBody = 200;  // receivers often say in it what is wrong
  return StrCat("bad response status ", answer->status, ": ", answer->body.substr(0, kMaxBody));
}

}  // namespace

ReceiverQueue::Metrics::Metrics(MetricRegistry& registry, const std::string& receiver)
    : sent(registry.AddCounter("prometheus_notifications_sent_total",
                               "Alerts delivered to the receiver.", {{"alertmanager", receiver}})),
      errors(registry.AddCounter("prometheus_notifications_errors_total",
                                 "Alerts in messages that failed.", {{"alertmanager", receiver}})),
      dropped(registry.AddCounter("prometheus_notifications_dropped_total",
                                  "Alerts given up without having been delivered.",
                                  {{"alertmanager", receiver}})),
      queue_length(registry.AddGauge("prometheus_notifications_queue_length",
                                     "Alerts that wait for the receiver.",
                                     {{"alertmanager", receiver}})),
      queue_capacity(registry.AddGauge("prometheus_notifications_queue_capacity",
                                       "How many alerts may wait for the receiver.",
                                       {{"alertmanager", receiver}})),
      latency(registry.AddHistogram("prometheus_notifications_latency_histogram_seconds",
                                    "Time that a message to a receiver took.", {0.01, 0.1, 1, 10},
                                    {{"alertmanager", receiver}})) {}

std::shared_ptr<ReceiverQueue> ReceiverQueue::Create(std::string name, Post post,
                                                     TimerQueue& timers, Clock& clock,
                                                     MetricRegistry& metrics) {
  return std::shared_ptr<ReceiverQueue>(
      new ReceiverQueue(std::move(name), std::move(post), timers, clock, metrics));
}

ReceiverQueue::ReceiverQueue(std::string name, Post post, TimerQueue& timers, Clock& clock,
                             MetricRegistry& metrics)
    : name_(std::move(name)),
      post_(std::move(post)),
      timers_(timers),
      clock_(clock),
      metrics_(metrics, name_) {}

ReceiverQueue::Key ReceiverQueue::KeyOf(const Notification& alert) {
  return {alert.labels, alert.starts_at, alert.resolved};
}

void ReceiverQueue::Configure(std::unique_ptr<ReceiverProtocol> protocol, ReceiverOptions options) {
  absl::MutexLock lock(&mu_);
  protocol_ = std::move(protocol);
  options_ = std::move(options);
  metrics_.queue_capacity.Set(static_cast<double>(options_.capacity));
  DropBeyondCapacity();
}

void ReceiverQueue::Insert(uint64_t place, const Notification& alert) {
  queue_.emplace(place, alert);
  places_.emplace(KeyOf(alert), place);
}

std::map<uint64_t, Notification>::iterator ReceiverQueue::Erase(
    std::map<uint64_t, Notification>::iterator it) {
  places_.erase(KeyOf(it->second));
  return queue_.erase(it);
}

void ReceiverQueue::DropBeyondCapacity() {
  size_t num_dropped = 0;
  for (; queue_.size() > options_.capacity; ++num_dropped) Erase(queue_.begin());
  metrics_.queue_length.Set(static_cast<double>(queue_.size()));
  if (num_dropped == 0) return;
  metrics_.dropped.Increment(static_cast<double>(num_dropped));
  log::Warn("Alert notification queue full, dropping alerts",
            {{"receiver", name_}, {"num_dropped", StrCat(num_dropped)}});
}

void ReceiverQueue::Push(std::span<const Notification> alerts) {
  {
    absl::MutexLock lock(&mu_);
    if (closed_) return;
    const TimestampMs now = clock_.Now();
    for (const Notification& alert : alerts) {
      if (!protocol_->Wants(alert, now)) continue;
      const auto place = places_.find(KeyOf(alert));
      if (place != places_.end()) {
        queue_[place->second] = alert;
      } else {
        Insert(next_place_++, alert);
      }
    }
    DropBeyondCapacity();
  }
  SendNext();
}

ReceiverQueue::Batch ReceiverQueue::TakeBatch() {
  const TimestampMs now = clock_.Now();
  const size_t bound = protocol_->max_alerts();
  const size_t max =
      std::max<size_t>(1, bound == 0 ? options_.max_batch : std::min(bound, options_.max_batch));
  Batch batch;
  std::string key;
  for (auto it = queue_.begin(); it != queue_.end() && batch.alerts.size() < max;) {
    const Notification& alert = it->second;
    const bool matters = Matters(alert, now);
    if (matters && protocol_->Wants(alert, now)) {
      if (batch.alerts.empty()) key = protocol_->MessageKey(alert);
      if (protocol_->MessageKey(alert) != key) {
        ++it;
        continue;
      }
      batch.places.push_back(it->first);
      batch.alerts.push_back(alert);
    } else if (!matters) {
      metrics_.dropped.Increment();
    }
    it = Erase(it);
  }
  metrics_.queue_length.Set(static_cast<double>(queue_.size()));
  return batch;
}

void ReceiverQueue::SendNext() {
  HttpRequest request;
  HttpClientOptions http;
  auto batch = std::make_shared<Batch>();
  {
    absl::MutexLock lock(&mu_);
    if (closed_ || in_flight_ || paused_) return;
    *batch = TakeBatch();
    if (batch->alerts.empty()) return;
    in_flight_ = true;
    request = protocol_->Message(batch->alerts);
    http = options_.http;
  }
  batch->sent_at = std::chrono::steady_clock::now();
  post_(std::move(request), http,
        [self = shared_from_this(), batch](const absl::StatusOr<HttpResponse>& answer) {
          self->OnAnswer(*batch, answer);
        });
}

void ReceiverQueue::OnAnswer(const Batch& batch, const absl::StatusOr<HttpResponse>& answer) {
  {
    absl::MutexLock lock(&mu_);
    if (closed_) return;  // what the rest of this refers to may be gone
    in_flight_ = false;
    const auto num_alerts = static_cast<double>(batch.alerts.size());
    metrics_.latency.Observe(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - batch.sent_at).count());
    const Outcome outcome = Judge(answer);
    if (outcome == Outcome::kDelivered) {
      failures_ = 0;
      metrics_.sent.Increment(num_alerts);
      protocol_->Delivered(batch.alerts, clock_.Now());
    } else {
      metrics_.errors.Increment(num_alerts);
      log::Error(
          outcome == Outcome::kRetry ? "Error sending alerts, will be tried again"
                                     : "Error sending alerts, dropping them",
          {{"receiver", name_}, {"count", StrCat(batch.alerts.size())}, {"err", Reason(answer)}});
      if (outcome == Outcome::kRetry) {
        Retry(batch);
      } else {
        metrics_.dropped.Increment(num_alerts);
      }
    }
  }
  SendNext();
}

void ReceiverQueue::Retry(const Batch& batch) {
  for (size_t i = 0; i < batch.alerts.size(); ++i) {
    // Where it was queued again in the meantime, that is the newer one.
    if (!places_.contains(KeyOf(batch.alerts[i]))) Insert(batch.places[i], batch.alerts[i]);
  }
  DropBeyondCapacity();
  paused_ = true;
  timers_.At(clock_.Now() + Pause(++failures_), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->EndPause();
  });
}

void ReceiverQueue::EndPause() {
  {
    absl::MutexLock lock(&mu_);
    paused_ = false;
  }
  SendNext();
}

bool ReceiverQueue::WaitUntilEmpty(TimestampMs deadline) {
  absl::MutexLock lock(&mu_);
  return clock_.WaitUntil(mu_, absl::Condition(this, &ReceiverQueue::Empty), deadline);
}

void ReceiverQueue::Close() {
  absl::MutexLock lock(&mu_);
  if (closed_) return;
  closed_ = true;
  if (!queue_.empty()) {
    metrics_.dropped.Increment(static_cast<double>(queue_.size()));
    log::Warn("Alerts were not delivered before the queue was closed",
              {{"receiver", name_}, {"count", StrCat(queue_.size())}});
  }
  queue_.clear();
  places_.clear();
  metrics_.queue_length.Set(0);
}

}  // namespace tidemark::alerting
