#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "promql/exec/label_operator.h"

namespace tidemark::promql {

// `arguments`: those after the vector, as in the query.
//   FailedPrecondition  a bad label name or regular expression, in Prometheus's words
absl::StatusOr<LabelChange> LabelReplace(const std::vector<std::string>& arguments);
absl::StatusOr<LabelChange> LabelJoin(const std::vector<std::string>& arguments);

}  // namespace tidemark::promql
