#include "promql/plan/metric_names.h"

#include <algorithm>

#include "promql/functions/range_function.h"

namespace tidemark::promql {
namespace {

bool NamesOneMetric(const LabelMatcher& matcher) {
  return matcher.name() == kMetricName && matcher.op() == MatchOp::kEqual;
}

bool CallMayHave(const PlanNode& node, const CallNode& call) {
  if (call.function->name.starts_with("label_")) return true;
  if (call.function->name.starts_with("sort") || call.function->name == "info") {
    return MayHaveSeveralNames(*node.inputs[0]);
  }
  const RangeFunction* function = FindRangeFunction(call.function->name);
  return function != nullptr && function->keeps_metric_name &&
         MayHaveSeveralNames(*node.inputs.back());
}

bool AggregateMayHave(const AggregateNode& aggregate, const PlanNode& node) {
  switch (aggregate.op) {
    case AggregateOp::kTopk:
    case AggregateOp::kBottomk:
    case AggregateOp::kLimitk:
    case AggregateOp::kLimitRatio:
      return MayHaveSeveralNames(*node.inputs[0]);
    case AggregateOp::kCountValues:
      return true;  // the label may be that of the name
    default:
      break;
  }
  return !aggregate.without && std::find(aggregate.grouping.begin(), aggregate.grouping.end(),
                                         kMetricName) != aggregate.grouping.end();
}

}  // namespace

bool MayHaveSeveralNames(const PlanNode& node) {
  if (const auto* select = node.As<SelectNode>()) {
    return std::none_of(select->matchers.begin(), select->matchers.end(), NamesOneMetric);
  }
  if (const auto* call = node.As<CallNode>()) return CallMayHave(node, *call);
  if (const auto* aggregate = node.As<AggregateNode>()) return AggregateMayHave(*aggregate, node);
  if (const auto* binary = node.As<BinaryNode>()) {
    const bool loses_names = !IsSetOp(binary->op) && !IsTrim(binary->op) &&
                             (!IsComparison(binary->op) || binary->return_bool);
    if (loses_names) return false;
    if (binary->op == BinaryOp::kOr) return true;  // the names of both sides
  } else if (node.As<StepInvariantNode>() == nullptr && node.As<SubqueryNode>() == nullptr) {
    return false;
  }
  return std::any_of(node.inputs.begin(), node.inputs.end(),
                     [](const PlanNodePtr& input) { return MayHaveSeveralNames(*input); });
}

}  // namespace tidemark::promql
