#include "promql/query.h"

#include <utility>

#include "base/status_macros.h"
#include "promql/parser/ast.h"
#include "promql/parser/ast_builder.h"
#include "promql/parser/printer.h"
#include "promql/parser/syntax_tree.h"
#include "promql/parser/type_checker.h"

namespace tidemark::promql {

absl::StatusOr<Query> Query::Parse(std::string_view text, const ParserOptions& options) {
  ASSIGN_OR_RETURN(const SyntaxTree tree, SyntaxTree::Parse(text, SyntaxTree::Start::kQuery));
  ASSIGN_OR_RETURN(ExprPtr expr, BuildAst(tree, options));
  RETURN_IF_ERROR(CheckTypes(text, *expr));
  std::string printed = PrintExpr(*expr);
  return Query(std::shared_ptr<const Expr>(std::move(expr)), std::string(text), std::move(printed));
}

ValueType Query::type() const { return expr_->type; }

}  // namespace tidemark::promql
