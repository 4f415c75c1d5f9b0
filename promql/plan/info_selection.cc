#include "promql/plan/info_selection.h"

#include <algorithm>

namespace tidemark::promql {
namespace {

// When the first selector below `node` looks, as seen from the evaluation of `node`; nothing where
// there is no selector.
std::optional<WindowSpec> TimeOfFirstSelector(const PlanNode& node) {
  if (const auto* select = node.As<SelectNode>()) return select->window;
  for (const PlanNodePtr& input : node.inputs) {
    std::optional<WindowSpec> time = TimeOfFirstSelector(*input);
    if (!time) continue;
    const auto* subquery = node.As<SubqueryNode>();
    if (subquery != nullptr && !time->at) {
      time->offset += subquery->window.offset;
      time->at = subquery->window.at;
    }
    return time;
  }
  return std::nullopt;
}

LabelMatcher DefaultName(const std::vector<LabelMatcher>& selector) {
  const bool any_name = std::any_of(selector.begin(), selector.end(),
                                    [](const LabelMatcher& m) { return m.name() == kMetricName; });
  if (!any_name) return LabelMatcher::Equal(kMetricName, "target_info");
  return *LabelMatcher::Create(kMetricName, MatchOp::kRegex, ".+_info");
}

}  // namespace

SelectNode InfoSelection(const PlanNode& base, const std::vector<LabelMatcher>& selector) {
  SelectNode select;
  select.gives_times = true;
  if (const auto time = TimeOfFirstSelector(base)) {
    select.window.offset = time->offset;
    select.window.at = time->at;
  }
  const bool named = std::any_of(selector.begin(), selector.end(), [](const LabelMatcher& m) {
    const bool positive = m.op() == MatchOp::kEqual || m.op() == MatchOp::kRegex;
    return m.name() == kMetricName && positive;
  });
  if (!named) select.matchers.push_back(DefaultName(selector));
  select.matchers.insert(select.matchers.end(), selector.begin(), selector.end());
  return select;
}

}  // namespace tidemark::promql
