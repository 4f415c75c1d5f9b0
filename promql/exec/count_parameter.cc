#include "promql/exec/count_parameter.h"

#include <cmath>

#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

absl::Status CheckK(double k) {
  constexpr double kMaxInt64 = 9223372036854775808.0;
  if (std::isnan(k)) return absl::FailedPreconditionError("Parameter value is NaN");
  if (k >= kMaxInt64 || k < -kMaxInt64) {
    return absl::FailedPreconditionError(
        StrCat("Scalar value ", FormatFloat(k), k > 0 ? " overflows int64" : " underflows int64"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<size_t>> ReadCounts(QueryContext& query, Operator& k) {
  ASSIGN_OR_RETURN(const std::vector<double> values, ReadScalar(query, k));
  std::vector<size_t> counts;
  counts.reserve(values.size());
  for (const double value : values) {
    RETURN_IF_ERROR(CheckK(value));
    counts.push_back(value < 1 ? 0 : static_cast<size_t>(value));
  }
  return counts;
}

}  // namespace tidemark::promql
