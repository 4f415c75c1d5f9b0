#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "alerting/rule_manager.h"
#include "cmd/config/config.h"
#include "promql/query.h"

namespace tidemark::config {

// A configuration file with the rule files that it names.
struct Configuration {
  Config config;
  alerting::RulesConfig rules;
};

// Errors are those of LoadConfig and alerting::LoadRuleFile. A rule file pattern that stands for no
// file is none, as in Prometheus.
absl::StatusOr<Configuration> LoadConfiguration(const std::string& path,
                                                const promql::ParserOptions& options);

}  // namespace tidemark::config
