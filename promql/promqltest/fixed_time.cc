#include "promql/promqltest/fixed_time.h"

#include <algorithm>

#include "promql/parser/ast.h"
#include "promql/parser/ast_builder.h"
#include "promql/parser/function_signatures.h"
#include "promql/parser/printer.h"
#include "promql/parser/syntax_tree.h"
#include "promql/parser/type_checker.h"

namespace tidemark::promql {
namespace {

// Functions of the evaluation time, and of the time range of the query.
bool DependsOnTime(std::string_view function) {
  static constexpr std::string_view kFunctions[] = {
      "day_of_month", "day_of_week", "day_of_year", "days_in_month",  "end",
      "hour",         "minute",      "month",       "predict_linear", "range",
      "start",        "step",        "time",        "timestamp",      "year"};
  return std::find(std::begin(kFunctions), std::end(kFunctions), function) != std::end(kFunctions);
}

// False where the result depends on the evaluation time whatever selectors look at.
class TimeFixer {
 public:
  explicit TimeFixer(TimestampMs time) : time_(time) {}

  bool Fix(Expr* expr) {
    return expr == nullptr || std::visit([&](auto& node) { return Fix(node); }, expr->node);
  }

 private:
  bool Fix(NumberLiteral&) { return true; }
  bool Fix(StringLiteral&) { return true; }
  bool Fix(VectorSelector& selector) {
    Fix(selector.time);
    return true;
  }
  bool Fix(MatrixSelector& selector) { return Fix(selector.vector.get()); }
  bool Fix(Subquery& subquery) {
    Fix(subquery.time);
    TimeFixer inside(*this);
    inside.below_fixed_ = true;
    return inside.Fix(subquery.expr.get());
  }
  bool Fix(ParenExpr& paren) { return Fix(paren.expr.get()); }
  bool Fix(UnaryExpr& unary) { return Fix(unary.expr.get()); }
  bool Fix(BinaryExpr& binary) { return Fix(binary.left.get()) && Fix(binary.right.get()); }
  bool Fix(AggregateExpr& aggregate) {
    return Fix(aggregate.expr.get()) && Fix(aggregate.param.get());
  }
  bool Fix(Call& call) {
    if (DependsOnTime(call.function->name)) return false;
    // The second argument of info() is no selector of its own.
    const auto end = call.function->name == "info" ? call.args.begin() + 1 : call.args.end();
    return std::all_of(call.args.begin(), end, [&](ExprPtr& arg) { return Fix(arg.get()); });
  }

  // start() and end() are those of the query at `time_`.
  void Fix(TimeModifiers& time) const {
    const bool absolute = time.at && time.at->kind == AtModifier::Kind::kTimestamp;
    if (!below_fixed_ && !absolute) time.at = AtModifier{AtModifier::Kind::kTimestamp, time_};
  }

  TimestampMs time_;
  bool below_fixed_ = false;
};

}  // namespace

std::optional<std::string> WithFixedTime(std::string_view query, const ParserOptions& options,
                                         TimestampMs time) {
  const auto tree = SyntaxTree::Parse(query, SyntaxTree::Start::kQuery);
  if (!tree.ok()) return std::nullopt;
  auto expr = BuildAst(*tree, options);
  if (!expr.ok() || !CheckTypes(query, **expr).ok()) return std::nullopt;
  if (!TimeFixer(time).Fix(expr->get())) return std::nullopt;
  return PrintExpr(**expr);
}

}  // namespace tidemark::promql
