#pragma once

#include <memory>

#include "alerting/receivers/notification_log.h"
#include "alerting/receivers/receiver_protocol.h"

namespace tidemark::alerting {

// Alertmanager's webhook JSON, version 4, straight from the rules, without an Alertmanager between.
// What Alertmanager would decide is decided simply:
// - an alert is told when it begins to fire, again every 4 h (NotificationLog) while it does, and
//   when it is resolved, unless send_resolved is off; nothing waits for a group to fill
// - one message has alerts of one alertname, which are its group: those that have news, not all
//   that fire; at most max_alerts, the rest follow in messages of their own, so truncatedAlerts is
//   0
// Source: prometheus.io/docs/alerting/latest/configuration/#webhook_config.
class Webhook : public ReceiverProtocol {
 public:
  // `log` is what the receiver at that URL has been told so far.
  Webhook(const WebhookConfig& config, std::string external_url,
          std::shared_ptr<NotificationLog> log);

  bool Wants(const Notification& alert, TimestampMs now) const override;
  std::string MessageKey(const Notification& alert) const override;
  size_t max_alerts() const override { return config_.max_alerts; }
  HttpRequest Message(std::span<const Notification> alerts) const override;
  void Delivered(std::span<const Notification> alerts, TimestampMs now) override;

 private:
  const WebhookConfig config_;
  const std::string external_url_;
  const std::shared_ptr<NotificationLog> log_;
};

}  // namespace tidemark::alerting
