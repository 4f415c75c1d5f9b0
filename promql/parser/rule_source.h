#pragma once

#include <string_view>

#include "promql/parser/ast.h"

namespace antlr4 {
class ParserRuleContext;
class Token;
}  // namespace antlr4

namespace tidemark::promql {

// Where in the query a rule or a token stands.
SourceRange SourceOf(const antlr4::ParserRuleContext& rule);
SourceRange SourceOf(const antlr4::Token& token);
std::string_view TextOf(std::string_view query, const SourceRange& source);

}  // namespace tidemark::promql
