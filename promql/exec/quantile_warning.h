#pragma once

#include "promql/exec/query_context.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

constexpr bool IsQuantile(double q) { return q >= 0 && q <= 1; }

// Warns of a `q` that is not in [0, 1]; `source` is where the argument stands.
void WarnOfQuantile(QueryContext& query, double q, SourceRange source);

}  // namespace tidemark::promql
