#pragma once

#include "absl/status/statusor.h"

#include "promql/exec/operator.h"
#include "promql/exec/range_source.h"
#include "promql/value.h"

namespace tidemark::promql {

// What a query ends in. Each drives its operator to the end and removes the names that were to be
// removed late.
//   FailedPrecondition  two samples with equal labels at the same step

// In the order in which the operator gives the series; `root` has one step.
absl::StatusOr<InstantVector> ReadInstantVector(QueryContext& query, Operator& root);
// Sorted by labels.
absl::StatusOr<Matrix> ReadMatrix(QueryContext& query, Operator& root);
// The samples in the first window of each series, sorted by labels.
absl::StatusOr<Matrix> ReadRangeVector(QueryContext& query, RangeSource& root);

}  // namespace tidemark::promql
