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

enum class Mode { kServer, kAgent };

// Errors are those of LoadConfig and alerting::LoadRuleFile. A rule file pattern that stands for no
// file is none, as in Prometheus. An agent's file says nothing of rules and alerts:
//   InvalidArgument  it does; in Prometheus's words
absl::StatusOr<Configuration> LoadConfiguration(const std::string& path,
                                                const promql::ParserOptions& options,
                                                Mode mode = Mode::kServer);

}  // namespace tidemark::config
