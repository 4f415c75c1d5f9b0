#pragma once

#include "promql/functions/range_function.h"

// `rate`, `increase` and `delta` under `anchored` and `smoothed` of series with native histograms,
// for RangeFunction's evaluate_histograms. Results are gauges. Source: Prometheus,
// extendedHistogramRate. Cost: what the windows hold.
namespace tidemark::promql {

void AnchoredHistogramRate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void AnchoredHistogramIncrease(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void AnchoredHistogramDelta(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void SmoothedHistogramRate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void SmoothedHistogramIncrease(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void SmoothedHistogramDelta(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);

}  // namespace tidemark::promql
