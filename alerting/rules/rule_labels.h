#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tidemark::alerting {

// Labels or annotations as configured: names and values, or templates of values; names unique.
using RuleLabels = std::vector<std::pair<std::string, std::string>>;

// The labels of a group with those of one of its rules, which win; sorted by name.
RuleLabels MergeRuleLabels(const RuleLabels& of_group, const RuleLabels& of_rule);

}  // namespace tidemark::alerting
