#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "alerting/notifier.h"
#include "base/labels/relabel.h"
#include "base/yaml_document.h"
#include "scrape/discovery_config.h"

namespace tidemark::config {

// An entry of `alertmanagers`: what makes an Alertmanager of an address.
struct AlertmanagerGroup {
  std::string name;  // "config-0", as metrics of discovery call it
  scrape::DiscoveryConfigs discovery;
  std::string scheme = "http", path_prefix;
  std::vector<RelabelRule> relabel_rules;
  alerting::AlertmanagerConfig common;  // without url
};

// The URL of the Alertmanager at `address`, found with `labels`; empty where a rule drops it.
//   InvalidArgument  what relabeling leaves is no URL
absl::StatusOr<std::string> AlertmanagerUrl(const AlertmanagerGroup& group, const LabelSet& labels,
                                            const std::string& address);

// The `alerting` section: Alertmanagers, webhooks (Tidemark's own) and alert relabeling. Static
// addresses of Alertmanagers go to `config`, one entry each; entries that have a discovery too go
// to `discovered`.
//   InvalidArgument  "FILE:LINE: reason"
absl::Status ReadAlerting(const YamlNode& node, alerting::NotifierConfig* config,
                          std::vector<AlertmanagerGroup>* discovered);

}  // namespace tidemark::config
