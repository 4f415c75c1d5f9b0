#include "promql/query.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "promql/parser/ast.h"
#include "promql/parser/ast_builder.h"
#include "promql/parser/printer.h"
#include "promql/parser/syntax_tree.h"
#include "promql/parser/type_checker.h"

namespace tidemark::promql {

namespace {

constexpr DurationMs kLongestLightRange = kHour;

bool IsLight(const Expr& expr) {
  if (expr.As<Subquery>() != nullptr) return false;
  if (const auto* matrix = expr.As<MatrixSelector>()) {
    return matrix->range.expr == nullptr && matrix->range.fixed <= kLongestLightRange;
  }
  if (const auto* paren = expr.As<ParenExpr>()) return IsLight(*paren->expr);
  if (const auto* unary = expr.As<UnaryExpr>()) return IsLight(*unary->expr);
  if (const auto* binary = expr.As<BinaryExpr>()) {
    return IsLight(*binary->left) && IsLight(*binary->right);
  }
  if (const auto* aggregate = expr.As<AggregateExpr>()) {
    return IsLight(*aggregate->expr) && (aggregate->param == nullptr || IsLight(*aggregate->param));
  }
  const auto* call = expr.As<Call>();
  return call == nullptr || std::all_of(call->args.begin(), call->args.end(),
                                        [](const ExprPtr& arg) { return IsLight(*arg); });
}

void CollectSelectors(const Expr* expr, std::vector<std::vector<LabelMatcher>>& out) {
  if (expr == nullptr) return;
  if (const auto* vector = expr->As<VectorSelector>()) {
    out.push_back(vector->matchers);
  } else if (const auto* matrix = expr->As<MatrixSelector>()) {
    CollectSelectors(matrix->vector.get(), out);
  } else if (const auto* subquery = expr->As<Subquery>()) {
    CollectSelectors(subquery->expr.get(), out);
  } else if (const auto* paren = expr->As<ParenExpr>()) {
    CollectSelectors(paren->expr.get(), out);
  } else if (const auto* unary = expr->As<UnaryExpr>()) {
    CollectSelectors(unary->expr.get(), out);
  } else if (const auto* binary = expr->As<BinaryExpr>()) {
    CollectSelectors(binary->left.get(), out);
    CollectSelectors(binary->right.get(), out);
  } else if (const auto* aggregate = expr->As<AggregateExpr>()) {
    CollectSelectors(aggregate->param.get(), out);
    CollectSelectors(aggregate->expr.get(), out);
  } else if (const auto* call = expr->As<Call>()) {
    for (const ExprPtr& arg : call->args) CollectSelectors(arg.get(), out);
  }
}

}  // namespace

std::vector<std::vector<LabelMatcher>> Query::Selectors() const {
  std::vector<std::vector<LabelMatcher>> selectors;
  CollectSelectors(expr_.get(), selectors);
  return selectors;
}

bool Query::LooksLight() const { return IsLight(*expr_); }

absl::StatusOr<Query> Query::Parse(std::string_view text, const ParserOptions& options) {
  ASSIGN_OR_RETURN(const SyntaxTree tree, SyntaxTree::Parse(text, SyntaxTree::Start::kQuery));
  ASSIGN_OR_RETURN(ExprPtr expr, BuildAst(tree, options));
  RETURN_IF_ERROR(CheckTypes(text, *expr));
  std::string printed = PrintExpr(*expr);
  return Query(std::shared_ptr<const Expr>(std::move(expr)), std::string(text), std::move(printed));
}

ValueType Query::type() const { return expr_->type; }

}  // namespace tidemark::promql
