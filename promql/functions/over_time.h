#pragma once

#include "promql/functions/range_function.h"

// The *_over_time functions that aggregate the values of a window.
namespace tidemark::promql {

void CountOverTime(const WindowedSeries& series, const StepRow& out);
void PresentOverTime(const WindowedSeries& series, const StepRow& out);
void FirstOverTime(const WindowedSeries& series, const StepRow& out);
void LastOverTime(const WindowedSeries& series, const StepRow& out);
// Of NaNs and other values the others decide.
void MinOverTime(const WindowedSeries& series, const StepRow& out);
void MaxOverTime(const WindowedSeries& series, const StepRow& out);
// Compensated. Where windows overlap much their common samples are added up once, in another order
// than by a single window; the results then agree within rounding.
void SumOverTime(const WindowedSeries& series, const StepRow& out);
void AvgOverTime(const WindowedSeries& series, const StepRow& out);
// Of the population.
void StddevOverTime(const WindowedSeries& series, const StepRow& out);
void StdvarOverTime(const WindowedSeries& series, const StepRow& out);

}  // namespace tidemark::promql
