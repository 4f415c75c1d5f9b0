#include "promql/exec/operator.h"

#include "base/status_macros.h"

namespace tidemark::promql {

absl::Status Drain(QueryContext& query, Operator& input) {
  ColumnBatch batch;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, input.Next(query, batch));
    if (!more) return absl::OkStatus();
  }
}

absl::Status LeftmostError(QueryContext& query, Operator& left, absl::Status error) {
  if (absl::IsFailedPrecondition(error)) RETURN_IF_ERROR(Drain(query, left));
  return error;  // all others end the query at once
}

absl::StatusOr<std::vector<double>> ReadScalar(QueryContext& query, Operator& scalar) {
  ColumnBatch batch;
  ASSIGN_OR_RETURN(const bool found, scalar.Next(query, batch));
  if (!found || batch.size() != 1) return absl::InternalError("a scalar did not give one series");
  const StepRow row = batch.row(0);
  return std::vector<double>(row.values.begin(), row.values.end());
}

}  // namespace tidemark::promql
