#include "alerting/rules/rule_context.h"

#include <utility>

namespace tidemark::alerting {

absl::StatusOr<promql::InstantVector> AsInstantVector(promql::Value value) {
  if (auto* vector = std::get_if<promql::InstantVector>(&value)) return std::move(*vector);
  if (const auto* scalar = std::get_if<promql::ScalarValue>(&value)) {
    return promql::InstantVector{{LabelSet(), scalar->timestamp, scalar->value}};
  }
  return absl::FailedPreconditionError("rule result is not a vector or scalar");
}

}  // namespace tidemark::alerting
