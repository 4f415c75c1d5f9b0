#pragma once

#include "promql/functions/range_function.h"

// Functions of the sorted values of a window.
namespace tidemark::promql {

void QuantileOverTime(const WindowedSeries& series, const StepRow& out);  // parameter: the quantile
void MedianAbsoluteDeviation(const WindowedSeries& series, const StepRow& out);  // mad_over_time

}  // namespace tidemark::promql
