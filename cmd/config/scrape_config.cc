#include "cmd/config/scrape_config.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/field_checks.h"
#include "cmd/config/http_client_config.h"
#include "cmd/config/relabel_config.h"

namespace tidemark::config {
namespace {

constexpr std::string_view kUtf8Validation = "utf8", kLegacyValidation = "legacy";
constexpr std::string_view kAllowUtf8 = "allow-utf-8", kUnderscores = "underscores";

constexpr std::array<std::string_view, 5> kProtocols = {
    "OpenMetricsText0.0.1", "OpenMetricsText1.0.0", "PrometheusProto", "PrometheusText0.0.4",
    "PrometheusText1.0.0"};

absl::Status CheckProtocol(const YamlNode& node, std::string_view name) {
  if (std::find(kProtocols.begin(), kProtocols.end(), name) != kProtocols.end()) {
    return absl::OkStatus();
  }
  std::string supported;
  for (const std::string_view known : kProtocols) StrAppend(&supported, " ", known);
  return node.Error(StrCat("unknown scrape protocol ", name, ", supported:", supported));
}

absl::Status ReadScrapeProtocols(const YamlNode& node, std::vector<std::string>* protocols) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, node.AsSequence());
  if (nodes.empty()) return node.Error("scrape_protocols cannot be empty");
  StringSet seen;
  for (const YamlNode& protocol_node : nodes) {
    ASSIGN_OR_RETURN(const std::string protocol, protocol_node.AsString());
    RETURN_IF_ERROR(CheckProtocol(protocol_node, protocol));
    if (!seen.insert(protocol).second) {
      return protocol_node.Error(StrCat("duplicated protocol in scrape_protocols: ", protocol));
    }
  }
  ASSIGN_OR_RETURN(*protocols, node.AsStrings());
  return absl::OkStatus();
}

// A setting with one of a few values. Empty is as if it were not there.
absl::Status ReadChoice(const YamlNode& node, std::span<const std::string_view> choices,
                        std::string* out) {
  ASSIGN_OR_RETURN(*out, node.AsString());
  if (out->empty() || std::find(choices.begin(), choices.end(), *out) != choices.end()) {
    return absl::OkStatus();
  }
  std::string known;
  for (const std::string_view choice : choices) StrAppend(&known, " ", choice);
  return node.Error(StrCat("\"", *out, "\" is unknown, use one of:", known));
}

// How names outside [a-zA-Z_:][a-zA-Z0-9_:]* are taken, and what targets are asked to make of them:
// where that is not said, it follows from the former.
absl::Status ReadNameSchemes(YamlFields& fields, scrape::PageFormats* formats) {
  constexpr std::string_view kValidations[] = {kUtf8Validation, kLegacyValidation};
  constexpr std::string_view kEscapings[] = {kAllowUtf8, kUnderscores, "dots", "values"};
  std::string validation, escaping;
  fields
      .Read("metric_name_validation_scheme",
            [&](const YamlNode& node) { return ReadChoice(node, kValidations, &validation); })
      .Read("metric_name_escaping_scheme",
            [&](const YamlNode& node) { return ReadChoice(node, kEscapings, &escaping); });
  if (!validation.empty()) {
    formats->legacy_names = validation == kLegacyValidation;
    formats->name_escaping = formats->legacy_names ? kUnderscores : kAllowUtf8;
  }
  if (!escaping.empty()) formats->name_escaping = escaping;
  return fields.status();
}

absl::Status ReadAddress(const YamlNode& node, std::vector<std::string>& addresses) {
  ASSIGN_OR_RETURN(std::string address, node.AsString());
  if (address.find('/') != std::string::npos) {
    return node.Error(StrCat("\"", address, "\" is not a valid hostname"));
  }
  addresses.push_back(std::move(address));
  return absl::OkStatus();
}

absl::StatusOr<scrape::TargetGroup> ReadTargetGroup(const YamlNode& node) {
  scrape::TargetGroup group;
  YamlFields fields(node);
  fields
      .Read("targets",
            [&](const YamlNode& targets) -> absl::Status {
              ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, targets.AsSequence());
              for (const YamlNode& n : nodes) RETURN_IF_ERROR(ReadAddress(n, group.addresses));
              return absl::OkStatus();
            })
      .Read("labels", [&](const YamlNode& labels) -> absl::Status {
        ASSIGN_OR_RETURN(group.labels, ReadLabels(labels));
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(fields.Finish());
  return group;
}

absl::Status ReadParams(const YamlNode& node, scrape::ScrapeConfig& config) {
  ASSIGN_OR_RETURN(const auto entries, node.AsMap());
  for (const auto& [name, values_node] : entries) {
    ASSIGN_OR_RETURN(const std::vector<std::string> values, values_node.AsStrings());
    for (const std::string& value : values) config.params.emplace_back(name, value);
  }
  return absl::OkStatus();
}

absl::Status ReadScheme(const YamlNode& node, std::string& scheme) {
  ASSIGN_OR_RETURN(const std::string text, node.AsString());
  if (text.empty()) return absl::OkStatus();
  if (text != "http" && text != "https") {
    return node.Error(StrCat("unsupported scheme \"", text, "\", use http or https"));
  }
  scheme = text;
  return absl::OkStatus();
}

absl::Status ReadFallbackProtocol(const YamlNode& node, std::string& protocol) {
  ASSIGN_OR_RETURN(protocol, node.AsString());
  return protocol.empty() ? absl::OkStatus() : CheckProtocol(node, protocol);
}

// Zero is what Prometheus takes for "not set".
absl::Status ReadTiming(YamlFields& fields, const YamlNode& node, const GlobalConfig& global,
                        scrape::ScrapeConfig& config) {
  DurationMs interval = 0, timeout = 0;
  fields.ReadDuration("scrape_interval", &interval).ReadDuration("scrape_timeout", &timeout);
  RETURN_IF_ERROR(fields.status());
  config.interval = interval > 0 ? interval : global.scrape_interval;
  config.timeout = timeout > 0 ? timeout : std::min(global.scrape_timeout, config.interval);
  if (config.timeout > config.interval) {
    return node.Error(
        StrCat("scrape timeout greater than scrape interval for scrape config with job name \"",
               config.job_name, "\""));
  }
  return absl::OkStatus();
}

void ReadLimits(YamlFields& fields, const GlobalConfig& global, scrape::ScrapeConfig& config) {
  uint64_t body_size_limit = 0;
  fields.ReadByteSize("body_size_limit", &body_size_limit);
  config.body_size_limit = body_size_limit > 0 ? body_size_limit : global.body_size_limit;
  const auto read = [&fields](std::string_view key, size_t of_all, size_t* out) {
    ReadCount(fields, key, out);
    if (*out == 0) *out = of_all;
  };
  read("sample_limit", global.sample_limit, &config.sample_limit);
  read("target_limit", global.target_limit, &config.target_limit);
  read("label_limit", global.label_limit, &config.label_limit);
  read("label_name_length_limit", global.label_name_length_limit, &config.label_name_length_limit);
  read("label_value_length_limit", global.label_value_length_limit,
       &config.label_value_length_limit);
  read("keep_dropped_targets", global.keep_dropped_targets, &config.keep_dropped_targets);
}

void ReadRelabeling(YamlFields& fields, scrape::ScrapeConfig& config) {
  const auto read = [&fields](std::string_view key, std::vector<RelabelRule>& rules) {
    fields.Read(key, [&rules](const YamlNode& node) -> absl::Status {
      ASSIGN_OR_RETURN(rules, ReadRelabelRules(node));
      return absl::OkStatus();
    });
  };
  read("relabel_configs", config.relabel_rules);
  read("metric_relabel_configs", config.metric_relabel_rules);
}

absl::StatusOr<scrape::ScrapeConfig> ReadScrapeConfig(const YamlNode& node,
                                                      const GlobalConfig& global) {
  scrape::ScrapeConfig config;
  YamlFields fields(node);
  fields.Read("job_name", &config.job_name);
  RETURN_IF_ERROR(fields.status());
  if (config.job_name.empty()) return node.Error("job_name is empty");

  RETURN_IF_ERROR(ReadTiming(fields, node, global, config));
  ASSIGN_OR_RETURN(config.discovery, ReadDiscovery(fields));
  config.formats = global.formats;
  RETURN_IF_ERROR(ReadPageFormats(fields, &config.formats));
  if (config.formats.legacy_names && config.formats.name_escaping == kAllowUtf8) {
    return node.Error("utf8 metric names requested but validation scheme is not set to UTF8");
  }
  RETURN_IF_ERROR(ReadHttpClientFields(fields, &config.http));
  ReadLimits(fields, global, config);
  ReadRelabeling(fields, config);
  config.extra_metrics = global.extra_scrape_metrics;
  ReadSwitch(fields, "extra_scrape_metrics", &config.extra_metrics);
  fields.Read("scrape_failure_log_file", &config.failure_log_file);
  config.failure_log_file = config.failure_log_file.empty()
                                ? global.scrape_failure_log_file
                                : ResolvePath(node, config.failure_log_file);
  ReadCount(fields, "native_histogram_bucket_limit", &config.native_histogram_bucket_limit);
  fields.Read("native_histogram_min_bucket_factor", &config.native_histogram_min_bucket_factor)
      .Read("metrics_path", &config.metrics_path)
      .Read("scheme", [&](const YamlNode& n) { return ReadScheme(n, config.scheme); })
      .Read("params", [&](const YamlNode& n) { return ReadParams(n, config); })
      .Read("honor_labels", &config.honor_labels)
      .Read("honor_timestamps", &config.honor_timestamps)
      .Read("track_timestamps_staleness", &config.track_timestamps_staleness)
      .Read("enable_compression", &config.enable_compression)
      .Read("fallback_scrape_protocol",
            [&](const YamlNode& n) {
              return ReadFallbackProtocol(n, config.fallback_scrape_protocol);
            })
      .Read("static_configs", [&](const YamlNode& n) -> absl::Status {
        ASSIGN_OR_RETURN(config.static_configs, ReadStaticConfigs(n));
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(fields.Finish());
  return config;
}

}  // namespace

absl::StatusOr<std::vector<scrape::ScrapeConfig>> ReadScrapeConfigs(const YamlNode& node,
                                                                    const GlobalConfig& global) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, node.AsSequence());
  std::vector<scrape::ScrapeConfig> configs;
  for (const YamlNode& config_node : nodes) {
    ASSIGN_OR_RETURN(scrape::ScrapeConfig config, ReadScrapeConfig(config_node, global));
    configs.push_back(std::move(config));
  }
  return configs;
}

absl::StatusOr<std::vector<scrape::TargetGroup>> ReadStaticConfigs(const YamlNode& node) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, node.AsSequence());
  std::vector<scrape::TargetGroup> groups;
  for (const YamlNode& group_node : nodes) {
    ASSIGN_OR_RETURN(scrape::TargetGroup group, ReadTargetGroup(group_node));
    groups.push_back(std::move(group));
  }
  return groups;
}

absl::StatusOr<scrape::DiscoveryConfigs> ReadDiscovery(YamlFields& fields) {
  RETURN_IF_ERROR(RefuseUnsupported(
      fields, {"aws_sd_configs",          "azure_sd_configs",      "consul_sd_configs",
               "digitalocean_sd_configs", "docker_sd_configs",     "dockerswarm_sd_configs",
               "ec2_sd_configs",          "ecs_sd_configs",        "elasticache_sd_configs",
               "eureka_sd_configs",       "gce_sd_configs",        "hetzner_sd_configs",
               "ionos_sd_configs",        "kubernetes_sd_configs", "kuma_sd_configs",
               "lightsail_sd_configs",    "linode_sd_configs",     "marathon_sd_configs",
               "msk_sd_configs",          "nerve_sd_configs",      "nomad_sd_configs",
               "oci_sd_configs",          "openstack_sd_configs",  "outscale_sd_configs",
               "ovhcloud_sd_configs",     "puppetdb_sd_configs",   "rds_sd_configs",
               "scaleway_sd_configs",     "serverset_sd_configs",  "stackit_sd_configs",
               "triton_sd_configs",       "uyuni_sd_configs",      "vultr_sd_configs"}));
  return scrape::ReadDiscoveryConfigs(fields, {ReadHttpClientFields, ResolvePath});
}

absl::Status ReadPageFormats(YamlFields& fields, scrape::PageFormats* formats) {
  fields
      .Read("scrape_protocols",
            [&](const YamlNode& node) { return ReadScrapeProtocols(node, &formats->protocols); })
      .Read("scrape_native_histograms", &formats->native_histograms)
      .Read("convert_classic_histograms_to_nhcb", &formats->convert_classic_histograms)
      .Read("always_scrape_classic_histograms", &formats->always_classic_histograms);
  return ReadNameSchemes(fields, formats);
}

}  // namespace tidemark::config
