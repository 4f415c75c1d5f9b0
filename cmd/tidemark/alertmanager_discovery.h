#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "alerting/notifier.h"
#include "base/metrics.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "cmd/config/alerting_config.h"
#include "scrape/discovery_manager.h"

namespace tidemark::server {

// Gives the sender of notifications the Alertmanagers that discovery finds, beside those that the
// configuration names. Thread-safe.
class AlertmanagerDiscovery {
 public:
  // All of these outlive this.
  AlertmanagerDiscovery(alerting::NotificationSender& sender, HttpClient& http, Clock& clock,
                        MetricRegistry& metrics);

  // Replaces the configuration of the sender, which from here on is changed by this alone. An
  // address that relabeling makes no URL of is logged and left out.
  void Apply(alerting::NotifierConfig notifier, std::vector<config::AlertmanagerGroup> groups)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Stop() { discovery_.Stop(); }  // the sender keeps what it has; idempotent

 private:
  void Update() ABSL_LOCKS_EXCLUDED(mu_);
  void UpdateLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  alerting::NotificationSender& sender_;
  absl::Mutex mu_;  // taken before those of the sender and of the discovery
  alerting::NotifierConfig notifier_ ABSL_GUARDED_BY(mu_);  // as configured
  std::vector<config::AlertmanagerGroup> groups_ ABSL_GUARDED_BY(mu_);
  scrape::DiscoveryManager discovery_;  // last: calls Update
};

}  // namespace tidemark::server
