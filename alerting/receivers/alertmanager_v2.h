#pragma once

#include "alerting/receivers/receiver_protocol.h"

namespace tidemark::alerting {

// The address that alerts are posted to: `url` and /api/v2/alerts.
std::string AlertmanagerAlertsUrl(const std::string& url);

// Alertmanager's API v2: a JSON array of alerts, firing and resolved mixed, everything as often as
// the rules send it. What is to be told to whom, and how often, is Alertmanager's business.
class AlertmanagerV2 : public ReceiverProtocol {
 public:
  explicit AlertmanagerV2(const AlertmanagerConfig& config);

  bool Wants(const Notification&, TimestampMs) const override { return true; }
  std::string MessageKey(const Notification&) const override { return ""; }
  size_t max_alerts() const override { return 0; }
  HttpRequest Message(std::span<const Notification> alerts) const override;
  void Delivered(std::span<const Notification>, TimestampMs) override {}

 private:
  const std::string url_;
  const DurationMs timeout_;
};

}  // namespace tidemark::alerting
