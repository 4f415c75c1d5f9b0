#pragma once

#include <cstddef>
#include <optional>

#include "base/model/histogram_columns.h"
#include "promql/functions/range_notes.h"

namespace tidemark::promql {

// The histogram at time `t` on the line between samples `i` and `i + 1`. A counter that is reset
// between them is taken to start again from zero at the first one. Nullopt where exponential and
// custom buckets would mix. Notes custom bounds that differed.
std::optional<FloatHistogramSample> InterpolateHistogram(const HistogramColumns& samples, size_t i,
                                                         TimestampMs t, bool counter,
                                                         RangeNotes& notes);

}  // namespace tidemark::promql
