#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::promql {

// The `k` of topk(k, v) and its like, one per step, as counts: fractions cut off, 0 for what is
// below 1.
//   FailedPrecondition  where any k is 1 or more or NaN: one that is NaN or does not fit a 64-bit
//                       integer
absl::StatusOr<std::vector<size_t>> CountsOf(const std::vector<double>& k);

}  // namespace tidemark::promql
