#pragma once

#include <vector>

#include "promql/exec/query_context.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// Warns of each of `quantiles` that is not in [0, 1]; `source` is where the argument stands.
void WarnOfQuantiles(QueryContext& query, const std::vector<double>& quantiles, SourceRange source);

}  // namespace tidemark::promql
