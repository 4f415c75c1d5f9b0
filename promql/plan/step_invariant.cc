#include <algorithm>
#include <utility>
#include <vector>

#include "promql/functions/element_function.h"
#include "promql/plan/rewrites.h"

namespace tidemark::promql {
namespace {

bool IsInstantSelector(const PlanNode& node) {
  const auto* select = node.As<SelectNode>();
  return select != nullptr && select->window.range == 0;
}

// Whether a call depends on the evaluation time beyond what its arguments do.
bool UsesEvaluationTime(const PlanNode& node, const CallNode& call) {
  const std::string_view name = call.function->name;
  if (name == "time" || name == "predict_linear") return true;
  if (name == "timestamp") return !IsInstantSelector(*node.inputs[0]);  // else the samples' times
  const ElementFunction* function = FindElementFunction(name);
  return function != nullptr && function->is_date && node.inputs.empty();
}

bool IsLiteral(const PlanNode& node) {
  return node.As<ConstantNode>() != nullptr || node.As<TextNode>() != nullptr;
}

// Range vectors stay as they are: their users look at one window for all steps anyway.
void Wrap(PlanNodePtr& node) {
  if (IsLiteral(*node) || node->type == ValueType::kMatrix) return;
  auto invariant = std::make_unique<PlanNode>();
  invariant->node = StepInvariantNode{};
  invariant->type = node->type;
  invariant->source = node->source;
  invariant->inputs.push_back(std::move(node));
  node = std::move(invariant);
}

// Whether `node` gives the same at every step. Where it does not, wraps those of its inputs that
// do.
bool Visit(PlanNode& node) {
  std::vector<bool> invariant;
  for (PlanNodePtr& input : node.inputs) invariant.push_back(Visit(*input));
  bool all = std::all_of(invariant.begin(), invariant.end(), [](bool i) { return i; });
  if (const auto* select = node.As<SelectNode>()) all = select->window.at.has_value();
  if (const auto* call = node.As<CallNode>()) all = all && !UsesEvaluationTime(node, *call);
  if (const auto* subquery = node.As<SubqueryNode>()) {
    if (invariant[0]) Wrap(node.inputs[0]);  // its steps are not those of the query
    return subquery->window.at.has_value();
  }
  if (all) return true;
  for (size_t i = 0; i < invariant.size(); ++i) {
    if (invariant[i]) Wrap(node.inputs[i]);
  }
  return false;
}

}  // namespace

void MarkStepInvariant(PlanNodePtr& root) {
  if (Visit(*root)) Wrap(root);
}

}  // namespace tidemark::promql
