#include "cmd/config/remote_write_config.h"

#include <utility>

#include "base/net/ascii_text.h"
#include "base/net/url.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/field_checks.h"
#include "cmd/config/http_client_config.h"
#include "cmd/config/relabel_config.h"

namespace tidemark::config {
namespace {

absl::Status ReadMessage(const YamlNode& node, remote::WriteMessage* message) {
  ASSIGN_OR_RETURN(const std::string name, node.AsString());
  if (name == "io.prometheus.write.v2.Request") {
    *message = remote::WriteMessage::kV2;
  } else if (!name.empty() && name != "prometheus.WriteRequest") {
    return node.Error(StrCat("unknown remote write protobuf message ", name,
                             ", supported: prometheus.WriteRequest, "
                             "io.prometheus.write.v2.Request"));
  }
  return absl::OkStatus();
}

// Headers that the client or other settings make.
absl::Status CheckHeader(const std::string& name, const YamlNode& node) {
  if (LowerCase(name) == "authorization") {
    return node.KeyError(
        "authorization header must be changed via the basic_auth, authorization or oauth2 "
        "parameter");
  }
  if (!IsReservedHeader(name)) return absl::OkStatus();
  return node.KeyError(StrCat(name, " is a reserved header. It must not be changed"));
}

absl::Status ReadHeaders(const YamlNode& node, HttpHeaders* headers) {
  ASSIGN_OR_RETURN(const auto entries, node.AsMap());
  for (const auto& [name, value_node] : entries) {
    RETURN_IF_ERROR(CheckHeader(name, value_node));
    ASSIGN_OR_RETURN(std::string value, value_node.AsString());
    headers->emplace_back(name, std::move(value));
  }
  return absl::OkStatus();
}

absl::Status CheckAtLeastOne(const YamlNode& node, std::string_view what, int64_t value) {
  if (value >= 1) return absl::OkStatus();
  return node.Error(StrCat(what, " must be greater than zero"));
}

absl::Status ReadQueue(const YamlNode& node, remote::QueueConfig* queue) {
  YamlFields fields(node);
  ReadCount(fields, "capacity", &queue->capacity);
  ReadCount(fields, "max_shards", &queue->max_shards);
  ReadCount(fields, "min_shards", &queue->min_shards);
  ReadCount(fields, "max_samples_per_send", &queue->max_samples_per_send);
  fields.ReadDuration("batch_send_deadline", &queue->batch_send_deadline)
      .ReadDuration("min_backoff", &queue->min_backoff)
      .ReadDuration("max_backoff", &queue->max_backoff)
      .ReadDuration("sample_age_limit", &queue->sample_age_limit)
      .Read("retry_on_http_429", &queue->retry_on_http_429);
  RETURN_IF_ERROR(fields.Finish());
  const std::pair<std::string_view, int64_t> positive[] = {
      {"capacity", static_cast<int64_t>(queue->capacity)},
      {"max_shards", static_cast<int64_t>(queue->max_shards)},
      {"min_shards", static_cast<int64_t>(queue->min_shards)},
      {"max_samples_per_send", static_cast<int64_t>(queue->max_samples_per_send)},
      {"batch_send_deadline", queue->batch_send_deadline},
      {"min_backoff", queue->min_backoff},
      {"max_backoff", queue->max_backoff}};
  for (const auto& [what, value] : positive) RETURN_IF_ERROR(CheckAtLeastOne(node, what, value));
  return absl::OkStatus();
}

absl::Status ReadMetadata(const YamlNode& node, remote::MetadataConfig* metadata) {
  YamlFields fields(node);
  ReadCount(fields, "max_samples_per_send", &metadata->max_samples_per_send);
  fields.Read("send", &metadata->send).ReadDuration("send_interval", &metadata->send_interval);
  RETURN_IF_ERROR(fields.Finish());
  RETURN_IF_ERROR(CheckAtLeastOne(node, "max_samples_per_send",
                                  static_cast<int64_t>(metadata->max_samples_per_send)));
  return CheckAtLeastOne(node, "send_interval", metadata->send_interval);
}

absl::Status ReadUrl(const YamlNode& node, std::string* url) {
  ASSIGN_OR_RETURN(*url, node.AsString());
  if (url->empty()) return absl::OkStatus();
  const absl::StatusOr<Url> parsed = Url::Parse(*url);
  return parsed.ok() ? absl::OkStatus() : node.Error(ToStd(parsed.status().message()));
}

absl::StatusOr<remote::RemoteWriteConfig> ReadOne(const YamlNode& node) {
  remote::RemoteWriteConfig config;
  config.http.enable_http2 = false;
  YamlFields fields(node);
  RETURN_IF_ERROR(RefuseUnsupported(fields, {"sigv4", "azuread", "google_iam", "round_robin_dns"}));
  RETURN_IF_ERROR(ReadHttpClientFields(fields, &config.http));
  fields.Read("url", [&](const YamlNode& n) { return ReadUrl(n, &config.url); })
      .Read("name", &config.name)
      .ReadDuration("remote_timeout", &config.timeout)
      .Read("headers", [&](const YamlNode& n) { return ReadHeaders(n, &config.http.headers); })
      .Read("protobuf_message", [&](const YamlNode& n) { return ReadMessage(n, &config.message); })
      .Read("send_exemplars", &config.send_exemplars)
      .Read("send_native_histograms", &config.send_native_histograms)
      .Read("queue_config", [&](const YamlNode& n) { return ReadQueue(n, &config.queue); })
      .Read("metadata_config", [&](const YamlNode& n) { return ReadMetadata(n, &config.metadata); })
      .Read("write_relabel_configs", [&](const YamlNode& n) -> absl::Status {
        ASSIGN_OR_RETURN(config.relabel_rules, ReadRelabelRules(n));
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(fields.Finish());
  if (config.url.empty()) return node.Error("url for remote_write is empty");
  RETURN_IF_ERROR(CheckAtLeastOne(node, "remote_timeout", config.timeout));
  config.settings = node.Dump();
  return config;
}

}  // namespace

absl::StatusOr<std::vector<remote::RemoteWriteConfig>> ReadRemoteWriteConfigs(
    const YamlNode& node) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, node.AsSequence());
  std::vector<remote::RemoteWriteConfig> configs;
  StringSet names;
  for (const YamlNode& entry : nodes) {
    if (entry.IsNull()) return entry.Error("empty or null remote write config section");
    ASSIGN_OR_RETURN(remote::RemoteWriteConfig config, ReadOne(entry));
    if (!config.name.empty() && !names.insert(config.name).second) {
      return entry.Error(
          StrCat("found multiple remote write configs with job name \"", config.name, "\""));
    }
    configs.push_back(std::move(config));
  }
  return configs;
}

}  // namespace tidemark::config
