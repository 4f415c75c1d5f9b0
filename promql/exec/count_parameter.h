#pragma once

#include <cstddef>
#include <vector>

#include "promql/exec/operator.h"

namespace tidemark::promql {

// The `k` of topk(k, v) and its like, one per step: fractions cut off, 0 for what is below 1.
//   FailedPrecondition  a k that is NaN or does not fit a 64-bit integer
absl::StatusOr<std::vector<size_t>> ReadCounts(QueryContext& query, Operator& k);

}  // namespace tidemark::promql
