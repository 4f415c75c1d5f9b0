#pragma once

#include "promql/functions/range_function.h"

namespace tidemark::promql {

// `changes` and `resets` of series with native histograms, for RangeFunction's evaluate_histograms.
// Where a float follows a histogram or the other way round that is a change and a reset.
// Cost: samples + steps; neighbours are compared once.
void ChangesOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void ResetsOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void AnchoredChangesOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);
void AnchoredResetsOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes& notes);

}  // namespace tidemark::promql
