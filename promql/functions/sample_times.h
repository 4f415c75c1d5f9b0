#pragma once

#include "promql/functions/range_function.h"

// ts_of_*_over_time: the time, in seconds, of a certain sample of the window; of several least or
// greatest ones the last.
namespace tidemark::promql {

void TimeOfFirst(const WindowedSeries& series, const StepRow& out);
void TimeOfLast(const WindowedSeries& series, const StepRow& out);
void TimeOfMin(const WindowedSeries& series, const StepRow& out);
void TimeOfMax(const WindowedSeries& series, const StepRow& out);

}  // namespace tidemark::promql
