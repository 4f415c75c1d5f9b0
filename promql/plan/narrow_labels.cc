#include <utility>

#include "promql/functions/range_function.h"
#include "promql/plan/metric_names.h"
#include "promql/plan/rewrites.h"

namespace tidemark::promql {
namespace {

// Whether the operator folds series into its groups as they come: the others keep them by labels.
bool FoldsIntoGroups(AggregateOp op) {
  switch (op) {
    case AggregateOp::kSum:
    case AggregateOp::kAvg:
    case AggregateOp::kMin:
    case AggregateOp::kMax:
    case AggregateOp::kCount:
    case AggregateOp::kGroup:
    case AggregateOp::kStddev:
    case AggregateOp::kStdvar:
      return true;
    default:
      return false;
  }
}

// The selector that `node` is, or whose range vector a function turns into `node`; null where it is
// something else.
SelectNode* SelectorOf(PlanNode& node, const RangeFunction** function) {
  if (auto* select = node.As<SelectNode>()) return select;
  const auto* call = node.As<CallNode>();
  if (call == nullptr) return nullptr;
  *function = FindRangeFunction(call->function->name);
  if (*function == nullptr) return nullptr;
  for (const PlanNodePtr& input : node.inputs) {
    if (input->type == ValueType::kMatrix) return input->As<SelectNode>();
  }
  return nullptr;
}

void Narrow(const AggregateNode& aggregate, PlanNode& input) {
  if (aggregate.without || !FoldsIntoGroups(aggregate.op)) return;
  const RangeFunction* function = nullptr;
  SelectNode* select = SelectorOf(input, &function);
  if (select == nullptr) return;
  select->kept_labels = aggregate.grouping;
  // Annotations of functions name metrics, those of sums the ones whose histograms do not add up.
  const bool adds_up = aggregate.op == AggregateOp::kSum || aggregate.op == AggregateOp::kAvg;
  if (function != nullptr || adds_up) select->kept_labels->emplace_back(kMetricName);
}

}  // namespace

void NarrowLabels(PlanNode& node) {
  if (const auto* aggregate = node.As<AggregateNode>()) Narrow(*aggregate, *node.inputs[0]);
  for (const PlanNodePtr& input : node.inputs) NarrowLabels(*input);
}

}  // namespace tidemark::promql
