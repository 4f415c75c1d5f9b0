#include "promql/selector.h"

#include <utility>

#include "base/status_macros.h"
#include "promql/parser/ast.h"
#include "promql/parser/ast_builder.h"
#include "promql/parser/syntax_tree.h"

namespace tidemark::promql {

absl::StatusOr<std::vector<LabelMatcher>> ParseSeriesSelector(std::string_view text) {
  ASSIGN_OR_RETURN(const SyntaxTree tree, SyntaxTree::Parse(text, SyntaxTree::Start::kSelector));
  ASSIGN_OR_RETURN(ExprPtr expr, BuildSelectorAst(tree));
  return std::move(std::get<VectorSelector>(expr->node).matchers);
}

}  // namespace tidemark::promql
