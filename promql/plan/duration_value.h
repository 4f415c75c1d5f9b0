#pragma once

#include "absl/status/statusor.h"

#include "promql/engine.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// What a duration of a query means under the times of that query: step() and range() are theirs, 0
// in an instant query. Fractions of a millisecond are cut off.
//   InvalidArgument  division by zero, or a value that does not fit
absl::StatusOr<DurationMs> ResolveDuration(const DurationValue& duration, const EvalTimes& times);

}  // namespace tidemark::promql
