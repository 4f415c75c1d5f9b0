#include "cmd/tidemark/alertmanager_discovery.h"

#include <utility>

#include "base/log.h"

namespace tidemark::server {

AlertmanagerDiscovery::AlertmanagerDiscovery(alerting::NotificationSender& sender, HttpClient& http,
                                             Clock& clock, MetricRegistry& metrics)
    : sender_(sender),
      discovery_("notify", http, clock, metrics,
                 [this](const std::vector<std::string>&) { Update(); }) {}

void AlertmanagerDiscovery::Apply(alerting::NotifierConfig notifier,
                                  std::vector<config::AlertmanagerGroup> groups) {
  std::vector<scrape::DiscoverySet> sets;
  for (const config::AlertmanagerGroup& group : groups) {
    sets.push_back({group.name, {}, group.discovery});
  }
  absl::MutexLock lock(&mu_);
  notifier_ = std::move(notifier);
  groups_ = std::move(groups);
  discovery_.Apply(std::move(sets));
  UpdateLocked();
}

void AlertmanagerDiscovery::Update() {
  absl::MutexLock lock(&mu_);
  UpdateLocked();
}

void AlertmanagerDiscovery::UpdateLocked() {
  alerting::NotifierConfig notifier = notifier_;
  for (const config::AlertmanagerGroup& group : groups_) {
    for (const scrape::TargetGroup& targets : discovery_.Groups(group.name)) {
      for (const std::string& address : targets.addresses) {
        absl::StatusOr<std::string> url = config::AlertmanagerUrl(group, targets.labels, address);
        if (!url.ok()) {
          log::Error("Alertmanager left out", {{"config", group.name},
                                               {"address", address},
                                               {"err", std::string(url.status().message())}});
        } else if (!url->empty()) {
          notifier.alertmanagers.push_back(group.common);
          notifier.alertmanagers.back().url = *std::move(url);
        }
      }
    }
  }
  sender_.ApplyConfig(std::move(notifier));
}

}  // namespace tidemark::server
