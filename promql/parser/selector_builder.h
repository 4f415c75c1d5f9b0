#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "promql/parser/ast.h"

namespace antlr4 {
class ParserRuleContext;
}

namespace tidemark::promql {

// The selector that a `vectorSelector` of the grammar says, modifiers apart. InvalidArgument as
// Query::Parse for a bad string or regular expression.
absl::StatusOr<VectorSelector> BuildVectorSelector(std::string_view query,
                                                   antlr4::ParserRuleContext& rule);

// The names in a `labelList`, as written. InvalidArgument for a bad string or an empty name.
absl::StatusOr<std::vector<std::string>> BuildLabelList(std::string_view query,
                                                        antlr4::ParserRuleContext& rule);

// The value of a string token that stands at `source`. InvalidArgument as Query::Parse.
absl::StatusOr<std::string> BuildString(std::string_view query, SourceRange source);

}  // namespace tidemark::promql
