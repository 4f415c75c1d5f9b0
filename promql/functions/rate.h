#pragma once

#include "promql/functions/range_function.h"

// rate, increase, delta and the two that look at the last two samples only.
namespace tidemark::promql {

void Rate(const WindowedSeries& series, const StepRow& out);
void Increase(const WindowedSeries& series, const StepRow& out);
void Delta(const WindowedSeries& series, const StepRow& out);
// Of the totals of a window, see RangeFunction::of_totals.
std::optional<double> RateOfTotals(const WindowTotals& totals, const RangeWindows& windows);
std::optional<double> IncreaseOfTotals(const WindowTotals& totals, const RangeWindows& windows);
std::optional<double> DeltaOfTotals(const WindowTotals& totals, const RangeWindows& windows);
void InstantRate(const WindowedSeries& series, const StepRow& out);   // irate
void InstantDelta(const WindowedSeries& series, const StepRow& out);  // idelta

}  // namespace tidemark::promql
