#include "promql/plan/logical_plan.h"

#include <utility>

#include "base/status_macros.h"
#include "promql/plan/duration_value.h"
#include "promql/plan/info_selection.h"
#include "promql/plan/rewrites.h"

namespace tidemark::promql {
namespace {

// Makes the plan of an expression, bottom up. Errors as MakePlan.
class Planner {
 public:
  explicit Planner(const PlanOptions& options) : options_(options) {}

  absl::StatusOr<PlanNodePtr> Plan(const Expr& expr) {
    if (const auto* paren = expr.As<ParenExpr>()) return Plan(*paren->expr);
    if (const auto* unary = expr.As<UnaryExpr>(); unary != nullptr && !unary->negate) {
      return Plan(*unary->expr);
    }
    auto node = std::make_unique<PlanNode>();
    node->type = expr.type;
    node->source = expr.source;
    RETURN_IF_ERROR(std::visit([&](const auto& e) { return Fill(e, *node); }, expr.node));
    return node;
  }

 private:
  absl::Status Fill(const NumberLiteral& number, PlanNode& node) {
    node.node = ConstantNode{number.value};
    return absl::OkStatus();
  }
  absl::Status Fill(const StringLiteral& text, PlanNode& node) {
    node.node = TextNode{text.value};
    return absl::OkStatus();
  }
  absl::Status Fill(const VectorSelector& selector, PlanNode& node) {
    SelectNode select;
    select.matchers = selector.matchers;
    ASSIGN_OR_RETURN(select.window, Window(selector.time));
    select.window.extension = selector.extension;
    node.node = std::move(select);
    return absl::OkStatus();
  }
  absl::Status Fill(const MatrixSelector& selector, PlanNode& node) {
    RETURN_IF_ERROR(Fill(*selector.vector->As<VectorSelector>(), node));
    ASSIGN_OR_RETURN(node.As<SelectNode>()->window.range, Positive(selector.range));
    return absl::OkStatus();
  }
  absl::Status Fill(const Subquery& subquery, PlanNode& node) {
    SubqueryNode filled;
    ASSIGN_OR_RETURN(filled.window, Window(subquery.time));
    ASSIGN_OR_RETURN(filled.window.range, Positive(subquery.range));
    filled.step = options_.default_subquery_step;
    if (subquery.step) {
      ASSIGN_OR_RETURN(filled.step, Positive(*subquery.step));
    }
    node.node = filled;
    return AddInput(*subquery.expr, node);
  }
  absl::Status Fill(const ParenExpr&, PlanNode&) { return absl::InternalError("parenthesis"); }
  absl::Status Fill(const UnaryExpr& unary, PlanNode& node) {
    node.node = NegateNode{};
    return AddInput(*unary.expr, node);
  }
  absl::Status Fill(const BinaryExpr& binary, PlanNode& node) {
    BinaryNode filled = {binary.op, binary.return_bool, {}};
    if (binary.matching) filled.matching = *binary.matching;
    node.node = std::move(filled);
    RETURN_IF_ERROR(AddInput(*binary.left, node));
    return AddInput(*binary.right, node);
  }
  absl::Status Fill(const AggregateExpr& aggregate, PlanNode& node) {
    node.node = AggregateNode{aggregate.op, aggregate.without, aggregate.grouping};
    RETURN_IF_ERROR(AddInput(*aggregate.expr, node));
    return aggregate.param == nullptr ? absl::OkStatus() : AddInput(*aggregate.param, node);
  }
  absl::Status Fill(const Call& call, PlanNode& node) {
    if (const auto of_query = QueryConstant(call.function->name)) {
      node.node = ConstantNode{*of_query};
      return absl::OkStatus();
    }
    node.node = CallNode{call.function};
    if (call.function->name == "info") return FillInfo(call, node);
    for (const ExprPtr& argument : call.args) RETURN_IF_ERROR(AddInput(*argument, node));
    return absl::OkStatus();
  }
  absl::Status FillInfo(const Call& call, PlanNode& node) {
    RETURN_IF_ERROR(AddInput(*call.args[0], node));
    std::vector<LabelMatcher> selector;
    if (call.args.size() > 1) selector = call.args[1]->As<VectorSelector>()->matchers;
    auto info = std::make_unique<PlanNode>();
    info->node = InfoSelection(*node.inputs[0], selector);
    info->source = call.args.back()->source;
    node.inputs.push_back(std::move(info));
    return absl::OkStatus();
  }

  // start(), end(), step() and range(), in seconds: of the whole query, in a subquery as well.
  std::optional<double> QueryConstant(std::string_view function) const {
    const EvalTimes& times = options_.times;
    const auto seconds = [](int64_t ms) { return static_cast<double>(ms) / 1000; };
    if (function == "start") return seconds(times.start);
    if (function == "end") return seconds(times.end);
    if (function == "step") return seconds(times.start == times.end ? 0 : times.step);
    if (function == "range") return seconds(times.end - times.start);
    return std::nullopt;
  }

  absl::Status AddInput(const Expr& expr, PlanNode& node) {
    ASSIGN_OR_RETURN(node.inputs.emplace_back(), Plan(expr));
    return absl::OkStatus();
  }

  absl::StatusOr<WindowSpec> Window(const TimeModifiers& time) const {
    WindowSpec window;
    ASSIGN_OR_RETURN(window.offset, ResolveDuration(time.offset, options_.times));
    if (!time.at) return window;
    switch (time.at->kind) {
      case AtModifier::Kind::kTimestamp:
        window.at = time.at->timestamp;
        break;
      case AtModifier::Kind::kStart:
        window.at = options_.times.start;
        break;
      case AtModifier::Kind::kEnd:
        window.at = options_.times.end;
        break;
    }
    return window;
  }

  absl::StatusOr<DurationMs> Positive(const DurationValue& duration) const {
    ASSIGN_OR_RETURN(const DurationMs value, ResolveDuration(duration, options_.times));
    if (value <= 0) return absl::InvalidArgumentError("duration must be greater than 0");
    return value;
  }

  const PlanOptions& options_;
};

}  // namespace

absl::StatusOr<Plan> MakePlan(const Expr& expr, const PlanOptions& options) {
  Plan plan;
  ASSIGN_OR_RETURN(plan.root, Planner(options).Plan(expr));
  MarkStepInvariant(plan.root);
  RETURN_IF_ERROR(ResolveTimes(*plan.root, options.times));
  NarrowLabels(*plan.root);
  MarkFindsResets(*plan.root);
  ShareSelections(plan, options.lookback_delta);
  return plan;
}

}  // namespace tidemark::promql
