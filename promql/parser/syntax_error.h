#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace antlr4 {
class BufferedTokenStream;
class ParserRuleContext;
class Token;
}  // namespace antlr4

namespace tidemark::promql {

// Words the error of a query whose parse stopped at `offending` within `rule`, as Prometheus does:
// what is wrong with a bad word (lexical_error.h), else "unexpected TOKEN in CONSTRUCT, expected
// WHAT". The construct is the innermost around the place that Prometheus's grammar has an error
// rule for.
absl::Status SyntaxError(std::string_view query, antlr4::BufferedTokenStream& tokens,
                         const antlr4::Token& offending, const antlr4::ParserRuleContext* rule);

}  // namespace tidemark::promql
