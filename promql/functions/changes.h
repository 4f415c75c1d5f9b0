#pragma once

#include "promql/functions/range_function.h"

// How often the values of a window change, or fall.
namespace tidemark::promql {

void Changes(const WindowedSeries& series, const StepRow& out);  // NaN after NaN is no change
void Resets(const WindowedSeries& series, const StepRow& out);
// From the last sample before the window on, where one is within its reach.
void AnchoredChanges(const WindowedSeries& series, const StepRow& out);
void AnchoredResets(const WindowedSeries& series, const StepRow& out);

}  // namespace tidemark::promql
