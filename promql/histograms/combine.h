#pragma once

#include "base/model/histogram_columns.h"
#include "base/model/native_histogram.h"

// Sums and differences of native histograms. They take buckets that both have: the lower of two
// resolutions, the custom bounds that both share, and a zero bucket that holds both zero buckets
// and ends where buckets do. Source: Prometheus, model/histogram.
// Cost: with the same buckets one pass without allocation; else a new layout.
namespace tidemark::promql {

// What an annotation should tell of, added to what was true before.
struct CombineNotes {
  bool conflicting_resets = false;  // of one a counter reset is known, of the other that it is none
  bool bounds_reconciled = false;   // custom bounds differed
};

// Adds `b` to `a` or takes it from there; counts may become negative. The hint becomes what is true
// of both: a gauge where either is one, else unknown where they differ. False, with `a` unchanged,
// where one has exponential buckets and the other custom ones. Both are valid.
[[nodiscard]] bool Add(const HistogramView& b, FloatHistogramSample& a, CombineNotes& notes);
[[nodiscard]] bool Subtract(const HistogramView& b, FloatHistogramSample& a, CombineNotes& notes);

// Add with compensated sums: `lost`, which starts as LostOf(a) and has the layout of `a` always,
// takes what rounding loses. A. Neumaier, see compensated_sum.h.
[[nodiscard]] bool AddCompensated(const HistogramView& b, FloatHistogramSample& a,
                                  FloatHistogramSample& lost, CombineNotes& notes);
FloatHistogramSample LostOf(const FloatHistogramSample& a);

// All counts and the sum times or by a number. With a negative one the result is a gauge. Divided
// by zero it has no buckets but the zero bucket.
void Multiply(double factor, FloatHistogramSample& histogram);
void Divide(double divisor, FloatHistogramSample& histogram);

// Drops buckets without observations.
void Compact(FloatHistogramSample& histogram);

}  // namespace tidemark::promql
