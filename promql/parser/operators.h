#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"

#include "promql/parser/ast.h"
#include "promql/parser/operator_chain.h"
#include "promql/query.h"

namespace antlr4 {
class ParserRuleContext;
}

// Operators of the grammar and what they are in the syntax tree.
namespace tidemark::promql {

BinaryOp BinaryOpOf(size_t token_type);
AggregateOp AggregateOpOf(size_t token_type);
Precedence PrecedenceOf(BinaryOp op);
// Whether an aggregation takes a parameter before the vector.
bool HasParameter(AggregateOp op);

// A `binaryOperator` of the grammar with all its modifiers; operands are left null. `matching` is
// there always, the type checker takes it away where it means nothing. InvalidArgument as
// Query::Parse.
absl::StatusOr<BinaryExpr> BuildOperator(std::string_view query, const ParserOptions& options,
                                         antlr4::ParserRuleContext& rule);

}  // namespace tidemark::promql
