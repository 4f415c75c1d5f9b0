#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "promql/query.h"

namespace tidemark::alerting {

struct RuleConfig {
  bool is_alert = false;
  std::string name;  // of the recorded metric or of the alert
  promql::Query expr;
  DurationMs hold = 0;  // `for`
  DurationMs keep_firing_for = 0;
  // Templates for alerts, plain values for recording rules.
  std::vector<std::pair<std::string, std::string>> labels, annotations;
};

struct RuleGroupConfig {
  std::string name;
  std::string file;
  DurationMs interval = 0;       // 0: the global evaluation interval
  DurationMs query_offset = -1;  // negative: the global one
  int64_t limit = 0;             // of series or alerts of a rule; 0 is none
  std::vector<std::pair<std::string, std::string>>
      labels;  // for all rules, weaker than a rule's own
  std::vector<RuleConfig> rules;
};

// What becomes of a key that is not one of the format.
enum class UnknownFields { kRefuse, kIgnore };

// Reads a rule file, Prometheus's format.
//   NotFound, PermissionDenied
//   InvalidArgument  "FILE:LINE: reason": unknown key, bad PromQL (with its place), bad template,
//   bad name
absl::StatusOr<std::vector<RuleGroupConfig>> LoadRuleFile(
    const std::string& path, const promql::ParserOptions& options,
    UnknownFields unknown = UnknownFields::kRefuse);
absl::StatusOr<std::vector<RuleGroupConfig>> ParseRuleFile(
    std::string_view text, const std::string& path, const promql::ParserOptions& options,
    UnknownFields unknown = UnknownFields::kRefuse);

}  // namespace tidemark::alerting
