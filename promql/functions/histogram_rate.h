#pragma once

#include "promql/functions/range_function.h"

// `rate` and its like of series with native histograms, for RangeFunction's evaluate_histograms.
// Results are gauges. Source: Prometheus, histogramRate and instantValue.
// Cost: samples + steps where all samples have the same buckets, resets being found once; else what
// the windows hold.
namespace tidemark::promql {

void HistogramRate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void HistogramIncrease(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void HistogramDelta(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void HistogramInstantRate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void HistogramInstantDelta(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);

}  // namespace tidemark::promql
