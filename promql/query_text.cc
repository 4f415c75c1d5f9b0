#include "promql/query_text.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/parser/ast_builder.h"
#include "promql/parser/printer.h"
#include "promql/parser/syntax_tree.h"
#include "promql/parser/syntax_tree_json.h"
#include "promql/parser/type_checker.h"

namespace tidemark::promql {
namespace {

using Matchers = std::vector<LabelMatcher>;  // of one selector

template <typename Edit>
void EditSelectors(Expr* expr, const Edit& edit) {
  if (expr == nullptr) return;
  const auto inside = [&](ExprPtr& child) { EditSelectors(child.get(), edit); };
  if (auto* e = std::get_if<VectorSelector>(&expr->node)) edit(*e);
  if (auto* e = std::get_if<MatrixSelector>(&expr->node)) inside(e->vector);
  if (auto* e = std::get_if<Subquery>(&expr->node)) inside(e->expr);
  if (auto* e = std::get_if<ParenExpr>(&expr->node)) inside(e->expr);
  if (auto* e = std::get_if<UnaryExpr>(&expr->node)) inside(e->expr);
  if (auto* e = std::get_if<Call>(&expr->node))
    std::for_each(e->args.begin(), e->args.end(), inside);
  if (auto* e = std::get_if<AggregateExpr>(&expr->node)) {
    inside(e->param);
    inside(e->expr);
  }
  if (auto* e = std::get_if<BinaryExpr>(&expr->node)) {
    inside(e->left);
    inside(e->right);
  }
}

// `text` with every selector passed through `edit`.
template <typename Edit>
absl::StatusOr<std::string> Edited(std::string_view text, const ParserOptions& options,
                                   const Edit& edit) {
  ASSIGN_OR_RETURN(const SyntaxTree tree, SyntaxTree::Parse(text, SyntaxTree::Start::kQuery));
  ASSIGN_OR_RETURN(const ExprPtr expr, BuildAst(tree, options));
  RETURN_IF_ERROR(CheckTypes(text, *expr));
  EditSelectors(expr.get(), edit);
  return PrettyPrintExpr(*expr);
}

}  // namespace

std::string FormatQuery(const Query& query) { return PrettyPrintExpr(query.expr()); }

void WriteSyntaxTree(const Query& query, JsonWriter& json) { WriteExprJson(query.expr(), json); }

absl::StatusOr<std::string> SetLabelMatcher(std::string_view query, const LabelMatcher& matcher,
                                            const ParserOptions& options) {
  return Edited(query, options, [&](VectorSelector& selector) {
    Matchers& matchers = selector.matchers;
    bool found = false;
    for (LabelMatcher& old : matchers) {
      if (old.name() != matcher.name()) continue;
      old = matcher;
      found = true;
    }
    if (!found) matchers.push_back(matcher);
  });
}

absl::StatusOr<std::string> DeleteLabelMatchers(std::string_view query, std::string_view name,
                                                const ParserOptions& options) {
  bool selects_all = false;
  absl::StatusOr<std::string> text = Edited(query, options, [&](VectorSelector& selector) {
    Matchers& matchers = selector.matchers;
    std::erase_if(matchers, [&](const LabelMatcher& m) { return m.name() == name; });
    selects_all |= selector.metric_name.empty() &&
                   std::all_of(matchers.begin(), matchers.end(),
                               [](const LabelMatcher& m) { return m.Matches(""); });
  });
  if (text.ok() && selects_all) {
    return absl::InvalidArgumentError(StrCat("without matchers of label \"", name,
                                             "\" a selector could select everything: ", *text));
  }
  return text;
}

}  // namespace tidemark::promql
