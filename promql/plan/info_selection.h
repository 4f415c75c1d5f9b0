#pragma once

#include <vector>

#include "promql/plan/logical_plan.h"

namespace tidemark::promql {

// What `info(base, {selector})` asks of storage beside `base`: the series of info metrics, at the
// time at which the first selector in `base` looks. Without a matcher on the metric's name that is
// for something the metrics are target_info, with only negative ones all others named `*_info`.
SelectNode InfoSelection(const PlanNode& base, const std::vector<LabelMatcher>& selector);

}  // namespace tidemark::promql
