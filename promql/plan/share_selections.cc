#include <algorithm>

#include "promql/plan/rewrites.h"
#include "promql/plan/windows.h"

namespace tidemark::promql {
namespace {

size_t FindOrAdd(std::vector<Selection>& selections, Selection wanted) {
  const auto same = [&](const Selection& s) {
    return s.range == wanted.range && s.matchers == wanted.matchers;
  };
  const auto found = std::find_if(selections.begin(), selections.end(), same);
  const auto index = static_cast<size_t>(found - selections.begin());
  if (found == selections.end()) selections.push_back(std::move(wanted));
  return index;
}

void Visit(PlanNode& node, DurationMs lookback_delta, std::vector<Selection>& selections) {
  if (const auto* subquery = node.As<SubqueryNode>(); subquery != nullptr && !subquery->has_steps) {
    return;
  }
  if (auto* select = node.As<SelectNode>()) {
    const RangeWindows windows = WindowsOf(node.times, select->window, lookback_delta);
    select->selection = FindOrAdd(selections, {select->matchers, windows.Hull()});
  }
  for (const PlanNodePtr& input : node.inputs) Visit(*input, lookback_delta, selections);
}

}  // namespace

void ShareSelections(Plan& plan, DurationMs lookback_delta) {
  Visit(*plan.root, lookback_delta, plan.selections);
}

}  // namespace tidemark::promql
