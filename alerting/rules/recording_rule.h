#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

#include "alerting/rules/rule_labels.h"
#include "promql/value.h"

namespace tidemark::alerting {

// What a recording rule called `name` stores of the result of its expression: each series under the
// new name and with `labels`, which win over its own; an empty value takes a label away.
//   FailedPrecondition  two series come to have the same labels, or there are more than `limit`,
//                       where that is not 0; the text is Prometheus's
absl::StatusOr<promql::InstantVector> RecordSeries(const std::string& name,
                                                   const RuleLabels& labels, int64_t limit,
                                                   promql::InstantVector result);

}  // namespace tidemark::alerting
