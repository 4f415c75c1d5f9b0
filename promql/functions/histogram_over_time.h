#pragma once

#include "promql/functions/range_function.h"

// What the functions of windows do where there are native histograms: RangeFunction's
// evaluate_histograms.
namespace tidemark::promql {

// These two cost samples + steps where windows overlap much and see one layout each, else what the
// windows hold.
void SumHistogramsOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void AvgHistogramsOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);

// Of both kinds.
void CountAllOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void AnyPresentOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void FirstOfAllOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void LastOfAllOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void TimeOfFirstOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void TimeOfLastOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
// Floats alone count.
void IgnoreHistograms(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);

}  // namespace tidemark::promql
