#pragma once

#include "promql/functions/range_function.h"

// How often the values of a window change, or fall.
namespace tidemark::promql {

void Changes(const WindowedSeries& series, const StepRow& out);  // NaN after NaN is no change
void Resets(const WindowedSeries& series, const StepRow& out);

}  // namespace tidemark::promql
