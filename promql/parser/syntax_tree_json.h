#pragma once

#include "base/json_writer.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// See WriteSyntaxTree in query_text.h.
void WriteExprJson(const Expr& expr, JsonWriter& json);

}  // namespace tidemark::promql
