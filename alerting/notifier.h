#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/labels/label_set.h"
#include "base/labels/relabel.h"
#include "base/metrics.h"
#include "base/model/timestamp.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"

namespace tidemark::alerting {

// An alert on its way out.
struct Notification {
  LabelSet labels;
  LabelSet annotations;
  TimestampMs starts_at = 0;
  TimestampMs ends_at = 0;  // in the past where it is resolved
  bool resolved = false;
  std::string generator_url;
};

// Takes alerts from the rules. Thread-safe.
class Notifier {
 public:
  virtual ~Notifier() = default;
  // Queues the alerts and returns; delivery and its failures are the notifier's business.
  virtual void Send(std::span<const Notification> alerts) = 0;
};

// An entry of `alerting.alertmanagers`, one per address.
struct AlertmanagerConfig {
  std::string url;  // scheme://host:port/prefix, without /api/v2/alerts
  DurationMs timeout = 10 * kSecond;
  HttpClientOptions http;
  std::vector<RelabelRule> alert_relabel_rules;
};

// An entry of `alerting.webhook_configs`, Tidemark's own: alerts go straight to a URL as
// Alertmanager's webhook JSON, version 4. Fields have the names and defaults of Alertmanager's
// `webhook_config`.
struct WebhookConfig {
  std::string url;
  bool send_resolved = true;
  size_t max_alerts = 0;  // of one message; 0 is no bound
  DurationMs timeout = 10 * kSecond;
  HttpClientOptions http;
};

struct NotifierConfig {
  std::vector<AlertmanagerConfig> alertmanagers;
  std::vector<WebhookConfig> webhooks;
  std::vector<RelabelRule> alert_relabel_rules;
  LabelSet external_labels;  // added to alerts that do not have them
  std::string external_url;
  size_t queue_capacity = 10'000;  // per receiver; the oldest alerts go first
  size_t max_batch = 256;
};

// Delivers alerts to Alertmanagers (POST /api/v2/alerts) and webhooks. One queue a receiver, so
// that one that hangs delays no other; a failed batch is tried again with growing pauses as long as
// its alerts matter. Thread-safe.
class NotificationSender : public Notifier {
 public:
  // `client`, `clock` and `metrics` outlive the sender.
  NotificationSender(HttpClient& client, Clock& clock, MetricRegistry& metrics);
  ~NotificationSender() override;

  // Replaces receivers; a receiver that stays keeps its queue.
  void ApplyConfig(NotifierConfig config);
  void Send(std::span<const Notification> alerts) override;

  std::vector<std::string> AlertmanagerUrls() const;  // the full URLs that are posted to
  // Tries for up to `drain` to deliver what is queued, then stops. Idempotent.
  void Stop(DurationMs drain);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::alerting
