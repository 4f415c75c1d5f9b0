#pragma once

#include "base/model/histogram_columns.h"

namespace tidemark {

// Whether a counter that was `before` was set back before it became `now`: as the hint of `now`
// says, else where any count fell or, what no counter does while it counts, the resolution grew,
// the zero bucket shrank or now ends within a populated bucket. Of different custom bounds the
// shared ones count. Both are valid. Sums do not matter; a gauge is taken for a counter.
// Source: Prometheus, FloatHistogram.DetectReset.
// Cost: one comparison of the counts where both share a layout.
bool IsCounterReset(const HistogramView& now, const HistogramView& before);

// Sets the unknown hints of all but the first of `histograms` to what IsCounterReset says of the
// one before. Staleness markers are passed over.
void FindResetHints(HistogramColumns& histograms);

}  // namespace tidemark
