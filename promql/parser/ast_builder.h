#pragma once

#include "absl/status/statusor.h"

#include "promql/parser/ast.h"
#include "promql/parser/syntax_tree.h"
#include "promql/query.h"

namespace tidemark::promql {

// The syntax tree of a whole query, with the types that nodes have if their children are right;
// type_checker.h sees to that. InvalidArgument as Query::Parse for what can be seen without types:
// unknown functions, misplaced modifiers, bad literals, numbers of an aggregation's arguments,
// syntax that `options` leave out.
absl::StatusOr<ExprPtr> BuildAst(const SyntaxTree& tree, const ParserOptions& options);

// The same for a tree with Start::kSelector: a VectorSelector.
absl::StatusOr<ExprPtr> BuildSelectorAst(const SyntaxTree& tree);

}  // namespace tidemark::promql
