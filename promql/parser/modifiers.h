#pragma once

#include <string_view>

#include "absl/status/statusor.h"

#include "promql/parser/ast.h"
#include "promql/query.h"

namespace antlr4 {
class ParserRuleContext;
}

namespace tidemark::promql {

// `expr` with a `modifier` of the grammar behind it: `[5m]` and `[5m:1m]` wrap it, `offset`, `@`,
// `anchored` and `smoothed` change it. InvalidArgument as Query::Parse where `expr` takes no such
// modifier, or has it.
absl::StatusOr<ExprPtr> ApplyModifier(std::string_view query, const ParserOptions& options,
                                      antlr4::ParserRuleContext& rule, ExprPtr expr);

}  // namespace tidemark::promql
