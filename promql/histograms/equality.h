#pragma once

#include "base/model/histogram_columns.h"

namespace tidemark::promql {

// Whether `==` holds between histograms: schema, zero threshold, custom bounds and the bits of all
// numbers. Hints do not matter, nor which empty buckets are written out.
bool AreEqual(const HistogramView& a, const HistogramView& b);

// The same with counts and sums that may differ by `tolerance` of the greater one; NaNs are equal.
bool AreAlmostEqual(const HistogramView& a, const HistogramView& b, double tolerance);

}  // namespace tidemark::promql
