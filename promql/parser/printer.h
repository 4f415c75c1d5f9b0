#pragma once

#include <string>

#include "promql/parser/ast.h"

namespace tidemark::promql {

// `expr` as Prometheus prints it: on one line, matchers sorted, keywords in lower case, durations
// in their shortest form, comments gone. Parsing the text gives the same expression. Cost: linear.
std::string PrintExpr(const Expr& expr);

// The same over several lines: what is longer than 100 bytes is split at its operators and
// brackets, two blanks a level. Cost: linear, but for the blanks.
std::string PrettyPrintExpr(const Expr& expr);

}  // namespace tidemark::promql
