#include "promql/exec/operator.h"

#include "base/status_macros.h"

namespace tidemark::promql {

absl::StatusOr<std::vector<double>> ReadScalar(QueryContext& query, Operator& scalar) {
  ColumnBatch batch;
  ASSIGN_OR_RETURN(const bool found, scalar.Next(query, batch));
  if (!found || batch.size() != 1) return absl::InternalError("a scalar did not give one series");
  const StepRow row = batch.row(0);
  return std::vector<double>(row.values.begin(), row.values.end());
}

}  // namespace tidemark::promql
