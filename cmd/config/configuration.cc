#include "cmd/config/configuration.h"

#include <iterator>

#include "base/io/path_pattern.h"
#include "base/status_macros.h"

namespace tidemark::config {
namespace {

absl::Status CheckForAgent(const Config& config) {
  const alerting::NotifierConfig& notifier = config.notifier;
  if (!notifier.alertmanagers.empty() || !notifier.webhooks.empty() ||
      !notifier.alert_relabel_rules.empty() || !config.alertmanagers.empty()) {
    return absl::InvalidArgumentError("field alerting is not allowed in agent mode");
  }
  if (!config.rule_patterns.empty()) {
    return absl::InvalidArgumentError("field rule_files is not allowed in agent mode");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Configuration> LoadConfiguration(const std::string& path,
                                                const promql::ParserOptions& options, Mode mode) {
  Configuration loaded;
  ASSIGN_OR_RETURN(loaded.config, LoadConfig(path));
  if (mode == Mode::kAgent) RETURN_IF_ERROR(CheckForAgent(loaded.config));
  const GlobalConfig& global = loaded.config.global;
  loaded.rules.evaluation_interval = global.evaluation_interval;
  loaded.rules.query_offset = global.rule_query_offset;
  loaded.rules.external_labels = global.external_labels;
  for (const std::string& pattern : loaded.config.rule_patterns) {
    for (const std::string& file : ExpandPattern(pattern)) {
      ASSIGN_OR_RETURN(std::vector<alerting::RuleGroupConfig> groups,
                       alerting::LoadRuleFile(file, options));
      std::move(groups.begin(), groups.end(), std::back_inserter(loaded.rules.groups));
    }
  }
  return loaded;
}

}  // namespace tidemark::config
