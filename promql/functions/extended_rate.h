#pragma once

#include "promql/functions/range_function.h"

// rate, increase and delta over anchored and smoothed ranges: the difference of the values at the
// two ends of the window, without extrapolation. Anchored, those are of the samples nearest before
// the ends, where there is none before the start that of the first sample; smoothed, they lie on
// the lines between the samples on either side. Prometheus, feature
// promql-extended-range-selectors.
namespace tidemark::promql {

void AnchoredRate(const WindowedSeries& series, const StepRow& out);
void AnchoredIncrease(const WindowedSeries& series, const StepRow& out);
void AnchoredDelta(const WindowedSeries& series, const StepRow& out);
void SmoothedRate(const WindowedSeries& series, const StepRow& out);
void SmoothedIncrease(const WindowedSeries& series, const StepRow& out);
void SmoothedDelta(const WindowedSeries& series, const StepRow& out);

}  // namespace tidemark::promql
