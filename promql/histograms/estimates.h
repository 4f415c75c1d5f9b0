#pragma once

#include "base/model/histogram_columns.h"

// What the buckets of a native histogram tell of its observations, which are taken to be spread
// exponentially within exponential buckets and evenly within custom ones and the zero bucket. With
// observations on one side of zero only the zero bucket ends at zero. Source: Prometheus,
// promql/quantile.go and functions.go.
namespace tidemark::promql {

// What observations of NaN, which are in no bucket, did to an estimate.
enum class NanEffect { kNone, kResultIsNan, kSkewed /* it is higher than without them */ };

// The value that `q` of the observations are not greater than. NaN where there are none or `q` is
// NaN; -Inf and +Inf where it lies below 0 and above 1.
double EstimateQuantile(double q, const HistogramView& histogram, NanEffect& effect);

// The part of the observations between two values, NaN ones counted as outside, which `has_nan`
// then tells. NaN where there are no observations or a bound is NaN.
double EstimateFraction(double lower, double upper, const HistogramView& histogram, bool& has_nan);

// The variance of the observations, each taken for the middle of its bucket.
double EstimateVariance(const HistogramView& histogram);

}  // namespace tidemark::promql
