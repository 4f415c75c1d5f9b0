#pragma once

#include <string_view>

#include "absl/status/statusor.h"

#include "promql/parser/ast.h"

namespace antlr4 {
class ParserRuleContext;
}

namespace tidemark::promql {

// The duration that a `durationExpr` or `offsetDuration` of the grammar says: a fixed one where it
// is a single literal, signs included. InvalidArgument as Query::Parse for what is out of range and
// for a division by a literal zero.
absl::StatusOr<DurationValue> BuildDuration(std::string_view query,
                                            antlr4::ParserRuleContext& rule);

// As BuildDuration, for a range or a step: InvalidArgument also for a fixed one that is not above
// 0.
absl::StatusOr<DurationValue> BuildPositiveDuration(std::string_view query,
                                                    antlr4::ParserRuleContext& rule);

}  // namespace tidemark::promql
