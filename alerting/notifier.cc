#include "alerting/notifier.h"

#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "alerting/receivers/alertmanager_v2.h"
#include "alerting/receivers/notification_log.h"
#include "alerting/receivers/receiver_queue.h"
#include "alerting/receivers/webhook.h"
#include "base/net/url.h"
#include "base/run/timer_queue.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

// The URL without what may be secret in it, which for a webhook is its path.
std::string WebhookName(const std::string& url) {
  const auto parts = Url::Parse(url);
  return parts.ok() ? StrCat(parts->scheme, "://", parts->host) : "webhook";
}

std::string WithoutPassword(const std::string& url) {
  auto parts = Url::Parse(url);
  if (!parts.ok()) return url;
  parts->user_info.clear();
  return parts->ToString();
}

// The alert as receivers see it: with the external labels that it does not have, relabeled. False
// where nothing is left of it.
bool Relabeled(Notification& alert, const LabelSet& external_labels,
               const std::vector<RelabelRule>& rules) {
  LabelSetBuilder labels(alert.labels);
  for (const LabelView& label : external_labels) {
    if (labels.Get(label.name).empty()) labels.Set(label.name, label.value);
  }
  if (!Relabel(rules, labels)) return false;
  alert.labels = labels.Build();
  return !alert.labels.empty();
}

std::vector<Notification> RelabelAll(std::span<const Notification> alerts,
                                     const LabelSet& external_labels,
                                     const std::vector<RelabelRule>& rules) {
  std::vector<Notification> out;
  for (Notification alert : alerts) {
    if (Relabeled(alert, external_labels, rules)) out.push_back(std::move(alert));
  }
  return out;
}

}  // namespace

class NotificationSender::Impl {
 public:
  Impl(HttpClient& client, Clock& clock, MetricRegistry& metrics)
      : client_(client),
        clock_(clock),
        metrics_(metrics),
        discovered_(metrics.AddGauge("prometheus_notifications_alertmanagers_discovered",
                                     "Alertmanagers that are sent to.")),
        timers_(clock) {}

  void ApplyConfig(NotifierConfig config) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (stopped_) return;
    Receivers old = std::exchange(receivers_, {});
    alertmanager_urls_.clear();
    for (AlertmanagerConfig& alertmanager : config.alertmanagers) {
      const std::string url = AlertmanagerAlertsUrl(alertmanager.url);
      alertmanager_urls_.push_back(url);
      Receiver& receiver = Keep({Kind::kAlertmanager, url}, WithoutPassword(url), old);
      receiver.queue->Configure(std::make_unique<AlertmanagerV2>(alertmanager),
                                {alertmanager.http, config.queue_capacity, config.max_batch});
      receiver.alert_relabel_rules = std::move(alertmanager.alert_relabel_rules);
    }
    for (const WebhookConfig& webhook : config.webhooks) {
      Receiver& receiver = Keep({Kind::kWebhook, webhook.url}, WebhookName(webhook.url), old);
      if (receiver.log == nullptr) receiver.log = std::make_shared<NotificationLog>();
      receiver.queue->Configure(
          std::make_unique<Webhook>(webhook, config.external_url, receiver.log),
          {webhook.http, config.queue_capacity, config.max_batch});
    }
    for (auto& [key, receiver] : old) receiver.queue->Close();
    discovered_.Set(static_cast<double>(alertmanager_urls_.size()));
    external_labels_ = std::move(config.external_labels);
    alert_relabel_rules_ = std::move(config.alert_relabel_rules);
  }

  void Send(std::span<const Notification> alerts) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    const auto relabeled = RelabelAll(alerts, external_labels_, alert_relabel_rules_);
    for (const auto& [key, receiver] : receivers_) {
      if (receiver.alert_relabel_rules.empty()) {
        receiver.queue->Push(relabeled);
      } else {
        receiver.queue->Push(RelabelAll(relabeled, LabelSet(), receiver.alert_relabel_rules));
      }
    }
  }

  std::vector<std::string> AlertmanagerUrls() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return alertmanager_urls_;
  }

  void Stop(DurationMs drain) ABSL_LOCKS_EXCLUDED(mu_) {
    Receivers receivers;
    {
      absl::MutexLock lock(&mu_);
      stopped_ = true;
      receivers = std::exchange(receivers_, {});
    }
    const TimestampMs deadline = SaturatingAdd(clock_.Now(), drain);
    for (auto& [key, receiver] : receivers) receiver.queue->WaitUntilEmpty(deadline);
    for (auto& [key, receiver] : receivers) receiver.queue->Close();
    timers_.Stop();
  }

 private:
  enum class Kind { kAlertmanager, kWebhook };
  struct Receiver {
    std::shared_ptr<ReceiverQueue> queue;
    std::vector<RelabelRule> alert_relabel_rules;  // after those for all receivers
    std::shared_ptr<NotificationLog> log;          // of a webhook
  };
  using Receivers = std::map<std::pair<Kind, std::string>, Receiver>;  // by URL

  // The receiver of `old` or a new one. A URL that is configured twice is one receiver.
  Receiver& Keep(const Receivers::key_type& key, const std::string& name, Receivers& old)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    Receiver& receiver = receivers_[key];
    if (receiver.queue != nullptr) return receiver;
    if (const auto it = old.find(key); it != old.end()) {
      receiver = std::move(it->second);
      old.erase(it);
    } else {
      auto post = [&client = client_](HttpRequest request, const HttpClientOptions& options,
                                      HttpClient::Callback done) {
        client.Send(std::move(request), options, std::move(done));
      };
      receiver.queue = ReceiverQueue::Create(name, post, timers_, clock_, metrics_);
    }
    return receiver;
  }

  HttpClient& client_;
  Clock& clock_;
  MetricRegistry& metrics_;
  Gauge& discovered_;

  mutable absl::Mutex mu_;  // taken before those of the queues
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  Receivers receivers_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> alertmanager_urls_ ABSL_GUARDED_BY(mu_);
  LabelSet external_labels_ ABSL_GUARDED_BY(mu_);
  std::vector<RelabelRule> alert_relabel_rules_ ABSL_GUARDED_BY(mu_);

  TimerQueue timers_;  // last: its thread uses the queues
};

NotificationSender::NotificationSender(HttpClient& client, Clock& clock, MetricRegistry& metrics)
    : impl_(std::make_unique<Impl>(client, clock, metrics)) {}

NotificationSender::~NotificationSender() { Stop(0); }

void NotificationSender::ApplyConfig(NotifierConfig config) {
  impl_->ApplyConfig(std::move(config));
}
void NotificationSender::Send(std::span<const Notification> alerts) { impl_->Send(alerts); }
std::vector<std::string> NotificationSender::AlertmanagerUrls() const {
  return impl_->AlertmanagerUrls();
}
void NotificationSender::Stop(DurationMs drain) { impl_->Stop(drain); }

}  // namespace tidemark::alerting
