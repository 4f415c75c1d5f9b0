#pragma once

#include "promql/functions/range_function.h"

// rate, increase, delta and the two that look at the last two samples only.
namespace tidemark::promql {

void Rate(const WindowedSeries& series, const StepRow& out);
void Increase(const WindowedSeries& series, const StepRow& out);
void Delta(const WindowedSeries& series, const StepRow& out);
void InstantRate(const WindowedSeries& series, const StepRow& out);   // irate
void InstantDelta(const WindowedSeries& series, const StepRow& out);  // idelta

}  // namespace tidemark::promql
