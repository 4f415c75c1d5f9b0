#pragma once

#include "promql/exec/range_windows.h"
#include "promql/plan/logical_plan.h"

namespace tidemark::promql {

// The windows of a selector or a subquery that is evaluated at `times`. `lookback_delta` is how
// long the window of an instant selector is, and how far beyond their ends `anchored` and
// `smoothed` windows reach.
RangeWindows WindowsOf(const EvalTimes& times, const WindowSpec& window, DurationMs lookback_delta);

}  // namespace tidemark::promql
