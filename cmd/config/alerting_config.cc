#include "cmd/config/alerting_config.h"

#include "base/net/url.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/field_checks.h"
#include "cmd/config/http_client_config.h"
#include "cmd/config/relabel_config.h"
#include "cmd/config/scrape_config.h"

namespace tidemark::config {
namespace {

constexpr std::string_view kAlertsPath = "/api/v2/alerts";

// An entry of `alertmanagers` before its addresses are looked at.
struct AlertmanagerGroup {
  std::string scheme = "http", path_prefix;
  std::vector<scrape::TargetGroup> targets;
  std::vector<RelabelRule> relabel_rules;
  alerting::AlertmanagerConfig common;  // without url
};

absl::Status CheckApiVersion(const YamlNode& node) {
  ASSIGN_OR_RETURN(const std::string version, node.AsString());
  if (version == "v2") return absl::OkStatus();
  return node.Error(
      StrCat("expected Alertmanager api version to be one of [v2] but got ", version));
}

// "/a/b/" and "a/b" are "/a/b", "/" is nothing.
std::string CleanPrefix(std::string_view prefix) {
  std::string path;
  while (!prefix.empty()) {
    const std::string_view segment = prefix.substr(0, prefix.find('/'));
    if (!segment.empty()) StrAppend(&path, "/", segment);
    prefix.remove_prefix(std::min(prefix.size(), segment.size() + 1));
  }
  return path;
}

absl::StatusOr<AlertmanagerGroup> ReadGroup(const YamlNode& node) {
  AlertmanagerGroup group;
  YamlFields fields(node);
  ASSIGN_OR_RETURN(const scrape::DiscoveryConfigs discovery, ReadDiscovery(fields));
  if (!discovery.empty()) return node.Error("discovery of Alertmanagers is not supported yet");
  RETURN_IF_ERROR(RefuseUnsupported(fields, {"sigv4"}));
  RETURN_IF_ERROR(ReadHttpClientFields(fields, &group.common.http));
  fields.Read("scheme", &group.scheme)
      .Read("path_prefix", &group.path_prefix)
      .ReadDuration("timeout", &group.common.timeout)
      .Read("api_version", CheckApiVersion)
      .Read("static_configs",
            [&](const YamlNode& n) -> absl::Status {
              ASSIGN_OR_RETURN(group.targets, ReadStaticConfigs(n));
              return absl::OkStatus();
            })
      .Read("relabel_configs",
            [&](const YamlNode& n) -> absl::Status {
              ASSIGN_OR_RETURN(group.relabel_rules, ReadRelabelRules(n));
              return absl::OkStatus();
            })
      .Read("alert_relabel_configs", [&](const YamlNode& n) -> absl::Status {
        ASSIGN_OR_RETURN(group.common.alert_relabel_rules, ReadRelabelRules(n));
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(fields.Finish());
  if (group.common.timeout <= 0) return node.Error("timeout must be greater than zero");
  return group;
}

// The URL of one Alertmanager after relabeling, empty where a rule drops it.
absl::StatusOr<std::string> AlertmanagerUrl(const YamlNode& node, const AlertmanagerGroup& group,
                                            const LabelSet& shared, const std::string& address) {
  LabelSetBuilder labels(shared);
  labels.Set("__address__", address);
  labels.Set("__scheme__", group.scheme);
  labels.Set("__alerts_path__", StrCat(CleanPrefix(group.path_prefix), kAlertsPath));
  if (!Relabel(group.relabel_rules, labels)) return std::string();

  std::string_view path = labels.Get("__alerts_path__");
  if (!path.ends_with(kAlertsPath)) {
    return node.Error(StrCat("an __alerts_path__ that does not end in ", kAlertsPath,
                             " is not supported yet: \"", path, "\""));
  }
  path.remove_suffix(kAlertsPath.size());
  std::string url = StrCat(labels.Get("__scheme__"), "://", labels.Get("__address__"), path);
  if (const auto parsed = Url::Parse(url); !parsed.ok()) {
    return node.Error(ToStd(parsed.status().message()));
  }
  return url;
}

absl::Status ReadAlertmanager(const YamlNode& node, alerting::NotifierConfig* config) {
  ASSIGN_OR_RETURN(const AlertmanagerGroup group, ReadGroup(node));
  for (const scrape::TargetGroup& targets : group.targets) {
    for (const std::string& address : targets.addresses) {
      alerting::AlertmanagerConfig alertmanager = group.common;
      ASSIGN_OR_RETURN(alertmanager.url, AlertmanagerUrl(node, group, targets.labels, address));
      if (!alertmanager.url.empty()) config->alertmanagers.push_back(std::move(alertmanager));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadWebhook(const YamlNode& node, alerting::NotifierConfig* config) {
  alerting::WebhookConfig webhook;
  YamlFields fields(node);
  fields.Read("url", &webhook.url)
      .Read("send_resolved", &webhook.send_resolved)
      .ReadDuration("timeout", &webhook.timeout)
      .Read("http_config", [&](const YamlNode& n) -> absl::Status {
        YamlFields http(n);
        RETURN_IF_ERROR(ReadHttpClientFields(http, &webhook.http));
        return http.Finish();
      });
  ReadCount(fields, "max_alerts", &webhook.max_alerts);
  RETURN_IF_ERROR(RefuseUnsupported(fields, {"url_file", "payload"}));
  RETURN_IF_ERROR(fields.Finish());
  if (webhook.url.empty()) return node.Error("a webhook needs a url");
  if (const auto url = Url::Parse(webhook.url); !url.ok()) {
    return node.Error(ToStd(url.status().message()));
  }
  if (webhook.timeout <= 0) return node.Error("timeout must be greater than zero");
  config->webhooks.push_back(std::move(webhook));
  return absl::OkStatus();
}

// Calls `read` for each element of a list.
absl::Status ReadEach(const YamlNode& list, alerting::NotifierConfig* config,
                      absl::Status (*read)(const YamlNode&, alerting::NotifierConfig*)) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, list.AsSequence());
  for (const YamlNode& node : nodes) RETURN_IF_ERROR(read(node, config));
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadAlerting(const YamlNode& node, alerting::NotifierConfig* config) {
  YamlFields fields(node);
  fields
      .Read("alert_relabel_configs",
            [&](const YamlNode& n) -> absl::Status {
              ASSIGN_OR_RETURN(config->alert_relabel_rules, ReadRelabelRules(n));
              return absl::OkStatus();
            })
      .Read("alertmanagers",
            [&](const YamlNode& n) { return ReadEach(n, config, ReadAlertmanager); })
      .Read("webhook_configs", [&](const YamlNode& n) { return ReadEach(n, config, ReadWebhook); });
  return fields.Finish();
}

}  // namespace tidemark::config
