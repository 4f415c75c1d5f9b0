#include "promql/exec/scalar_extreme.h"

#include <vector>

#include "base/status_macros.h"
#include "promql/functions/math.h"

namespace tidemark::promql {

absl::StatusOr<bool> ScalarExtreme::Next(QueryContext& query, ColumnBatch& out) {
  if (std::exchange(done_, true)) return false;
  ASSIGN_OR_RETURN(const std::vector<double> left, ReadScalar(query, *left_));
  ASSIGN_OR_RETURN(const std::vector<double> right, ReadScalar(query, *right_));
  out.Reset(num_steps());
  const StepRow row = out.Add({});
  for (size_t step = 0; step < num_steps(); ++step) {
    const double a = left[step], b = right[step];
    row.Set(step, which_ == Which::kLeast ? LesserOf(a, b) : GreaterOf(a, b));
  }
  return true;
}

}  // namespace tidemark::promql
