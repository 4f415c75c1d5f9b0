#include <algorithm>
#include <iterator>
#include <string_view>

#include "promql/plan/rewrites.h"

// As Prometheus does, which reads no buckets for these functions and therefore looks for resets
// while it reads; annotations tell of what it found (detectHistogramStatsDecoding).
namespace tidemark::promql {
namespace {

bool IsAmong(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// `of_figures`: below a function of counts and sums; `whole`: below anything for which buckets are
// read after all.
void Find(PlanNode& node, bool of_figures, bool whole) {
  if (auto* select = node.As<SelectNode>()) select->finds_resets = of_figures && !whole;
  if (const auto* call = node.As<CallNode>()) {
    const std::string_view name = call->function->name;
    of_figures |= IsAmong({"histogram_count", "histogram_sum", "histogram_avg"}, name);
    whole |= IsAmong({"histogram_quantile", "histogram_fraction"}, name);
  }
  whole |= node.As<SubqueryNode>() != nullptr;
  for (const PlanNodePtr& input : node.inputs) Find(*input, of_figures, whole);
}

}  // namespace

void MarkFindsResets(PlanNode& root) { Find(root, /*of_figures=*/false, /*whole=*/false); }

}  // namespace tidemark::promql
