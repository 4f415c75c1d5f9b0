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

absl::StatusOr<AlertmanagerGroup> ReadGroup(const YamlNode& node,
                                            std::vector<scrape::TargetGroup>& static_groups) {
  AlertmanagerGroup group;
  YamlFields fields(node);
  ASSIGN_OR_RETURN(group.discovery, ReadDiscovery(fields));
  RETURN_IF_ERROR(RefuseUnsupported(fields, {"sigv4"}));
  RETURN_IF_ERROR(ReadHttpClientFields(fields, &group.common.http));
  fields.Read("scheme", &group.scheme)
      .Read("path_prefix", &group.path_prefix)
      .ReadDuration("timeout", &group.common.timeout)
      .Read("api_version", CheckApiVersion)
      .Read("static_configs",
            [&](const YamlNode& n) -> absl::Status {
              ASSIGN_OR_RETURN(static_groups, ReadStaticConfigs(n));
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

absl::Status ReadAlertmanager(const YamlNode& node, alerting::NotifierConfig* config,
                              std::vector<AlertmanagerGroup>* discovered) {
  std::vector<scrape::TargetGroup> static_groups;
  ASSIGN_OR_RETURN(AlertmanagerGroup group, ReadGroup(node, static_groups));
  for (const scrape::TargetGroup& targets : static_groups) {
    for (const std::string& address : targets.addresses) {
      alerting::AlertmanagerConfig alertmanager = group.common;
      absl::StatusOr<std::string> url = AlertmanagerUrl(group, targets.labels, address);
      if (!url.ok()) return node.Error(ToStd(url.status().message()));
      alertmanager.url = *std::move(url);
      if (!alertmanager.url.empty()) config->alertmanagers.push_back(std::move(alertmanager));
    }
  }
  if (!group.discovery.empty()) discovered->push_back(std::move(group));
  return absl::OkStatus();
}

absl::Status ReadAlertmanagers(const YamlNode& list, alerting::NotifierConfig* config,
                               std::vector<AlertmanagerGroup>* discovered) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, list.AsSequence());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const size_t num_before = discovered->size();
    RETURN_IF_ERROR(ReadAlertmanager(nodes[i], config, discovered));
    if (discovered->size() > num_before) discovered->back().name = StrCat("config-", i);
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

absl::Status ReadWebhooks(const YamlNode& list, alerting::NotifierConfig* config) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, list.AsSequence());
  for (const YamlNode& node : nodes) RETURN_IF_ERROR(ReadWebhook(node, config));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> AlertmanagerUrl(const AlertmanagerGroup& group, const LabelSet& found,
                                            const std::string& address) {
  LabelSetBuilder labels(found);
  labels.Set("__address__", address);
  labels.Set("__scheme__", group.scheme);
  labels.Set("__alerts_path__", StrCat(CleanPrefix(group.path_prefix), kAlertsPath));
  if (!Relabel(group.relabel_rules, labels)) return std::string();

  std::string_view path = labels.Get("__alerts_path__");
  if (!path.ends_with(kAlertsPath)) {
    return absl::InvalidArgumentError(StrCat("an __alerts_path__ that does not end in ",
                                             kAlertsPath, " is not supported yet: \"", path, "\""));
  }
  path.remove_suffix(kAlertsPath.size());
  std::string url = StrCat(labels.Get("__scheme__"), "://", labels.Get("__address__"), path);
  RETURN_IF_ERROR(Url::Parse(url).status());
  return url;
}

absl::Status ReadAlerting(const YamlNode& node, alerting::NotifierConfig* config,
                          std::vector<AlertmanagerGroup>* discovered) {
  YamlFields fields(node);
  fields
      .Read("alert_relabel_configs",
            [&](const YamlNode& n) -> absl::Status {
              ASSIGN_OR_RETURN(config->alert_relabel_rules, ReadRelabelRules(n));
              return absl::OkStatus();
            })
      .Read("alertmanagers",
            [&](const YamlNode& n) { return ReadAlertmanagers(n, config, discovered); })
      .Read("webhook_configs", [&](const YamlNode& n) { return ReadWebhooks(n, config); });
  return fields.Finish();
}

}  // namespace tidemark::config
