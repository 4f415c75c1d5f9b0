#include "alerting/rules/rule_labels.h"

#include <map>

namespace tidemark::alerting {

RuleLabels MergeRuleLabels(const RuleLabels& of_group, const RuleLabels& of_rule) {
  std::map<std::string, std::string> merged(of_rule.begin(), of_rule.end());
  merged.insert(of_group.begin(), of_group.end());
  return {merged.begin(), merged.end()};
}

}  // namespace tidemark::alerting
