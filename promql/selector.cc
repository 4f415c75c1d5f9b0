#include "promql/selector.h"

#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/parser/ast.h"
#include "promql/parser/ast_builder.h"
#include "promql/parser/syntax_tree.h"

namespace tidemark::promql {

absl::StatusOr<std::vector<LabelMatcher>> ParseSeriesSelector(std::string_view text) {
  ASSIGN_OR_RETURN(const SyntaxTree tree, SyntaxTree::Parse(text, SyntaxTree::Start::kSelector));
  ASSIGN_OR_RETURN(ExprPtr expr, BuildSelectorAst(tree));
  return std::move(std::get<VectorSelector>(expr->node).matchers);
}

absl::StatusOr<LabelSet> ParseMetric(std::string_view text) {
  if (text.empty()) return LabelSet();
  ASSIGN_OR_RETURN(const std::vector<LabelMatcher> matchers, ParseSeriesSelector(text));
  LabelSetBuilder labels;
  for (const LabelMatcher& matcher : matchers) {
    if (matcher.op() != MatchOp::kEqual) {
      return absl::InvalidArgumentError(
          StrCat("a series has labels with \"=\", not ", matcher.ToString()));
    }
    labels.Set(matcher.name(), matcher.value());
  }
  return labels.Build();
}

}  // namespace tidemark::promql
