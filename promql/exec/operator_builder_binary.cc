// Operators of binary expressions.

#include <memory>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/failing_operator.h"
#include "promql/exec/operator_builder.h"
#include "promql/exec/scalar_binary.h"
#include "promql/exec/set_operator.h"
#include "promql/exec/vector_join.h"

namespace tidemark::promql {
namespace {

// Only histograms can be trimmed.
OperatorPtr RefuseScalars(const PlanNode& node, BinaryOp op) {
  std::string text = "operator ";
  AppendQuoted(BinaryOpText(op), &text);
  text += " not allowed for Scalar operations";
  return std::make_unique<FailingOperator>(node.times, absl::FailedPreconditionError(text));
}

}  // namespace

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildNode(const PlanNode& node,
                                                       const BinaryNode& binary) const {
  const PlanNode &left_node = *node.inputs[0], &right_node = *node.inputs[1];
  ASSIGN_OR_RETURN(OperatorPtr left, Build(left_node));
  ASSIGN_OR_RETURN(OperatorPtr right, Build(right_node));
  const bool left_is_scalar = left_node.type == ValueType::kScalar;
  const bool right_is_scalar = right_node.type == ValueType::kScalar;
  const BinaryRule rule = {binary.op, binary.return_bool};
  if (left_is_scalar && right_is_scalar) {
    if (IsTrim(binary.op)) return RefuseScalars(node, binary.op);
    return std::make_unique<ScalarBinary>(binary.op, std::move(left), std::move(right));
  }
  if (left_is_scalar || right_is_scalar) {
    if (left_is_scalar) std::swap(left, right);
    auto op = std::make_unique<VectorScalarBinary>(rule, std::move(left), std::move(right),
                                                   left_is_scalar, node.source);
    if (rule.KeepsMetricName()) return op;
    return MergeAfterNameLoss(std::move(op), left_is_scalar ? right_node : left_node);
  }
  if (IsSetOp(binary.op)) {
    return std::make_unique<SetOperator>(binary.op, binary.matching, std::move(left),
                                         std::move(right));
  }
  return std::make_unique<VectorJoin>(rule, binary.matching, std::move(left), std::move(right),
                                      node.source);
}

}  // namespace tidemark::promql
