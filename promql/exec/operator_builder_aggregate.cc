// Operators of aggregations.

#include <memory>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/aggregation.h"
#include "promql/exec/count_values.h"
#include "promql/exec/failing_operator.h"
#include "promql/exec/limit_k.h"
#include "promql/exec/limit_ratio.h"
#include "promql/exec/operator_builder.h"
#include "promql/exec/quantile_aggregation.h"
#include "promql/exec/top_k.h"

namespace tidemark::promql {
namespace {

absl::Status CheckCountLabel(std::string_view label) {
  if (!label.empty() && IsValidUtf8(label)) return absl::OkStatus();
  std::string text = "invalid label name ";
  AppendQuoted(label, &text);
  return absl::FailedPreconditionError(text);
}

}  // namespace

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildNode(const PlanNode& node,
                                                       const AggregateNode& aggregate) const {
  Grouping grouping = {aggregate.without, aggregate.grouping};
  ASSIGN_OR_RETURN(OperatorPtr input, Build(*node.inputs[0]));
  if (node.inputs.size() == 1) {
    return std::make_unique<Aggregation>(aggregate.op, std::move(grouping), std::move(input),
                                         node.inputs[0]->source);
  }
  const PlanNode& parameter_node = *node.inputs[1];
  if (const auto* label = parameter_node.As<TextNode>()) {
    absl::Status usable = CheckCountLabel(label->value);
    if (!usable.ok()) return std::make_unique<FailingOperator>(node.times, std::move(usable));
    return std::make_unique<CountValues>(label->value, std::move(grouping), std::move(input));
  }
  ASSIGN_OR_RETURN(OperatorPtr parameter, Build(parameter_node));
  switch (aggregate.op) {
    case AggregateOp::kTopk:
    case AggregateOp::kBottomk:
      return std::make_unique<TopK>(aggregate.op == AggregateOp::kTopk, std::move(grouping),
                                    std::move(parameter), std::move(input), node.source);
    case AggregateOp::kQuantile:
      return std::make_unique<QuantileAggregation>(std::move(grouping), std::move(parameter),
                                                   std::move(input), parameter_node.source,
                                                   node.inputs[0]->source);
    case AggregateOp::kLimitk:
      return std::make_unique<LimitK>(std::move(grouping), std::move(parameter), std::move(input));
    case AggregateOp::kLimitRatio:
      return std::make_unique<LimitRatio>(std::move(parameter), std::move(input),
                                          parameter_node.source);
    default:
      return absl::InternalError("no operator for this aggregation");
  }
}

}  // namespace tidemark::promql
