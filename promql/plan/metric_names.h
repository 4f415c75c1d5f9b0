#pragma once

#include "promql/plan/logical_plan.h"

namespace tidemark::promql {

// False where all series that `node` gives have the same metric name, or none, so that losing it
// cannot make two label sets equal.
bool MayHaveSeveralNames(const PlanNode& node);

}  // namespace tidemark::promql
