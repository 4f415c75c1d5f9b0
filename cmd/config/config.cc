#include "cmd/config/config.h"

#include <algorithm>

#include "base/io/file.h"
#include "base/io/path_pattern.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/yaml_document.h"
#include "cmd/config/alerting_config.h"
#include "cmd/config/environment.h"
#include "cmd/config/field_checks.h"
#include "cmd/config/otlp_config.h"
#include "cmd/config/remote_write_config.h"
#include "cmd/config/scrape_config.h"
#include "cmd/config/secrets.h"

namespace tidemark::config {
namespace {

absl::Status ReadExternalLabels(const YamlNode& node, LabelSet* out) {
  ASSIGN_OR_RETURN(const LabelSet labels, ReadLabels(node));
  LabelSetBuilder expanded;
  for (const LabelView& label : labels) {
    expanded.Set(label.name, ExpandEnvironment(label.value));
  }
  *out = expanded.Build();
  return absl::OkStatus();
}

// Zero is what Prometheus takes for "not set".
absl::Status ReadGlobalTiming(YamlFields& fields, const YamlNode& node, GlobalConfig* global) {
  DurationMs interval = 0, timeout = 0, evaluation = 0;
  fields.ReadDuration("scrape_interval", &interval)
      .ReadDuration("scrape_timeout", &timeout)
      .ReadDuration("evaluation_interval", &evaluation)
      .ReadDuration("rule_query_offset", &global->rule_query_offset);
  RETURN_IF_ERROR(fields.status());
  if (interval > 0) global->scrape_interval = interval;
  if (evaluation > 0) global->evaluation_interval = evaluation;
  if (timeout > global->scrape_interval) {
    return node.Error("global scrape timeout greater than scrape interval");
  }
  global->scrape_timeout =
      timeout > 0 ? timeout : std::min(global->scrape_timeout, global->scrape_interval);
  return absl::OkStatus();
}

absl::Status ReadGlobal(const YamlNode& node, GlobalConfig* global) {
  YamlFields fields(node);
  RETURN_IF_ERROR(ReadGlobalTiming(fields, node, global));
  RETURN_IF_ERROR(ReadPageFormats(fields, &global->formats));
  uint64_t body_size_limit = 0;
  fields.ReadByteSize("body_size_limit", &body_size_limit)
      .Read("query_log_file", &global->query_log_file)
      .Read("scrape_failure_log_file", &global->scrape_failure_log_file)
      .Read("external_labels",
            [&](const YamlNode& n) { return ReadExternalLabels(n, &global->external_labels); });
  global->query_log_file = ResolvePath(node, global->query_log_file);
  global->scrape_failure_log_file = ResolvePath(node, global->scrape_failure_log_file);
  ReadSwitch(fields, "extra_scrape_metrics", &global->extra_scrape_metrics);
  ReadCount(fields, "keep_dropped_targets", &global->keep_dropped_targets);
  ReadCount(fields, "sample_limit", &global->sample_limit);
  ReadCount(fields, "target_limit", &global->target_limit);
  ReadCount(fields, "label_limit", &global->label_limit);
  ReadCount(fields, "label_name_length_limit", &global->label_name_length_limit);
  ReadCount(fields, "label_value_length_limit", &global->label_value_length_limit);
  global->body_size_limit = body_size_limit;
  return fields.Finish();
}

absl::Status ReadRetention(const YamlNode& node, Config* config) {
  YamlFields fields(node);
  RETURN_IF_ERROR(RefuseUnsupported(fields, {"percentage"}));
  fields.ReadDuration("time", &config->retention).Read("size", [config](const YamlNode& n) {
    ASSIGN_OR_RETURN(config->retention_bytes, n.AsByteSize());
    return absl::OkStatus();
  });
  return fields.Finish();
}

absl::Status ReadTsdb(const YamlNode& node, Config* config) {
  YamlFields fields(node);
  RETURN_IF_ERROR(RefuseUnsupported(fields, {"stale_series_compaction_threshold"}));
  Accept(fields, {"chunk_encoding"});  // Tidemark chooses for each chunk
  fields.ReadDuration("out_of_order_time_window", &config->out_of_order_window)
      .Read("retention", [config](const YamlNode& n) { return ReadRetention(n, config); });
  return fields.Finish();
}

// As in Prometheus a negative number stores none.
absl::Status ReadExemplars(const YamlNode& node, Config* config) {
  YamlFields fields(node);
  int64_t number = 0;
  bool is_set = false;
  fields.Read("max_exemplars", [&](const YamlNode& n) -> absl::Status {
    ASSIGN_OR_RETURN(number, n.AsInt());
    is_set = true;
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(fields.Finish());
  if (is_set) config->max_exemplars = static_cast<size_t>(std::max<int64_t>(number, 0));
  return absl::OkStatus();
}

absl::Status ReadStorage(const YamlNode& node, Config* config) {
  YamlFields fields(node);
  fields.Read("exemplars", [config](const YamlNode& n) { return ReadExemplars(n, config); })
      .Read("tsdb", [config](const YamlNode& n) { return ReadTsdb(n, config); });
  return fields.Finish();
}

absl::Status ReadRuntime(const YamlNode& node) {
  YamlFields fields(node);
  Accept(fields, {"gogc"});
  return fields.Finish();
}

// As Prometheus: any number of stars, all of them in the last segment.
absl::Status CheckPattern(const YamlNode& node, const std::string& pattern) {
  const size_t star = pattern.find('*');
  if (star == std::string::npos || pattern.find('/', star) == std::string::npos) {
    return absl::OkStatus();
  }
  return node.Error(StrCat("invalid file path \"", pattern, "\": a star is for the last segment"));
}

absl::StatusOr<std::vector<std::string>> ReadPatterns(const YamlNode& node) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, node.AsSequence());
  std::vector<std::string> patterns;
  for (const YamlNode& pattern_node : nodes) {
    ASSIGN_OR_RETURN(const std::string pattern, pattern_node.AsString());
    RETURN_IF_ERROR(CheckPattern(pattern_node, pattern));
    patterns.push_back(ResolvePath(pattern_node, pattern));
  }
  return patterns;
}

absl::Status AddScrapeConfigs(const YamlNode& node, Config* config) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, node.AsSequence());
  ASSIGN_OR_RETURN(std::vector<scrape::ScrapeConfig> added,
                   ReadScrapeConfigs(node, config->global));
  StringSet names;
  for (const scrape::ScrapeConfig& known : config->scrape_configs) names.insert(known.job_name);
  for (size_t i = 0; i < added.size(); ++i) {
    if (!names.insert(added[i].job_name).second) {
      return nodes[i].Error(
          StrCat("found multiple scrape configs with job name \"", added[i].job_name, "\""));
    }
    config->scrape_configs.push_back(std::move(added[i]));
  }
  return absl::OkStatus();
}

absl::Status AddScrapeConfigFiles(const YamlNode& node, Config* config) {
  ASSIGN_OR_RETURN(const std::vector<std::string> patterns, ReadPatterns(node));
  for (const std::string& pattern : patterns) {
    for (const std::string& path : ExpandPattern(pattern)) {
      ASSIGN_OR_RETURN(const YamlNode file, YamlDocument::Load(path));
      YamlFields fields(file);
      fields.Read("scrape_configs",
                  [config](const YamlNode& n) { return AddScrapeConfigs(n, config); });
      RETURN_IF_ERROR(fields.Finish());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Config> ReadConfig(const YamlNode& node) {
  Config config;
  YamlFields fields(node);
  RETURN_IF_ERROR(RefuseUnsupported(fields, {"remote_read", "tracing"}));
  // `global` first, wherever it stands: the others take defaults from it.
  fields.Read("global", [&](const YamlNode& n) { return ReadGlobal(n, &config.global); })
      .Read("runtime", ReadRuntime)
      .Read("rule_files",
            [&](const YamlNode& n) -> absl::Status {
              ASSIGN_OR_RETURN(config.rule_patterns, ReadPatterns(n));
              return absl::OkStatus();
            })
      .Read("scrape_configs", [&](const YamlNode& n) { return AddScrapeConfigs(n, &config); })
      .Read("scrape_config_files",
            [&](const YamlNode& n) { return AddScrapeConfigFiles(n, &config); })
      .Read("alerting",
            [&](const YamlNode& n) {
              return ReadAlerting(n, &config.notifier, &config.alertmanagers);
            })
      .Read("otlp",
            [&](const YamlNode& n) -> absl::Status {
              ASSIGN_OR_RETURN(config.otlp, ReadOtlp(n));
              return absl::OkStatus();
            })
      .Read("remote_write",
            [&](const YamlNode& n) -> absl::Status {
              ASSIGN_OR_RETURN(config.remote_write, ReadRemoteWriteConfigs(n));
              return absl::OkStatus();
            })
      .Read("storage", [&](const YamlNode& n) { return ReadStorage(n, &config); });
  RETURN_IF_ERROR(fields.Finish());
  config.notifier.external_labels = config.global.external_labels;
  config.yaml = RedactedYaml(node);
  return config;
}

}  // namespace

absl::StatusOr<Config> LoadConfig(const std::string& path) {
  ASSIGN_OR_RETURN(const YamlNode node, YamlDocument::Load(path));
  return ReadConfig(node);
}

absl::StatusOr<Config> ParseConfig(std::string_view text, const std::string& path) {
  ASSIGN_OR_RETURN(const YamlNode node, YamlDocument::Parse(text, path));
  return ReadConfig(node);
}

}  // namespace tidemark::config
