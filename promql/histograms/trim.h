#pragma once

#include "base/model/histogram_columns.h"
#include "base/model/native_histogram.h"

// `h </ bound` and `h >/ bound`: the observations on one side of a bound. In the bucket it falls
// into observations are taken to be spread exponentially, in zero buckets and custom ones evenly;
// the sum is guessed from the middle of each bucket where any observation goes. Buckets that reach
// to infinity stay whole or go. Source: Prometheus, FloatHistogram.TrimBuckets.
namespace tidemark::promql {

FloatHistogramSample TrimAbove(const HistogramView& histogram, double bound);
FloatHistogramSample TrimBelow(const HistogramView& histogram, double bound);

}  // namespace tidemark::promql
