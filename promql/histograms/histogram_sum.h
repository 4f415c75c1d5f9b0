#pragma once

#include <cstddef>

#include "base/model/histogram_columns.h"
#include "base/model/native_histogram.h"
#include "promql/histograms/combine.h"

// Sums and means of many native histograms, all exponential or all with custom buckets.
namespace tidemark::promql {

// A compensated sum. Its layout comes to hold the buckets of all that is added.
class HistogramSum {
 public:
  explicit HistogramSum(const HistogramView& first)
      : sum_(ToFloatHistogram(first)), lost_(LostOf(sum_)) {
    NoteHint(first);
  }

  // False, and nothing happens, where exponential and custom buckets would mix.
  [[nodiscard]] bool Add(const HistogramView& histogram) {
    NoteHint(histogram);
    return AddCompensated(histogram, sum_, lost_, notes_);
  }
  // `other` was made from histograms that come after those of this.
  [[nodiscard]] bool Add(const HistogramSum& other);

  size_t num_buckets() const { return sum_.positive_counts.size() + sum_.negative_counts.size(); }
  // What rounding lost is in it.
  FloatHistogramSample Total() const;
  // Of the histograms that were added one has seen a counter reset and another none; or their
  // custom bounds differed.
  CombineNotes notes() const { return {seen_reset_ && seen_no_reset_, notes_.bounds_reconciled}; }

 private:
  friend class HistogramMean;

  void NoteHint(const HistogramView& histogram) {
    seen_reset_ |= histogram.counter_reset_hint == CounterResetHint::kCounterReset;
    seen_no_reset_ |= histogram.counter_reset_hint == CounterResetHint::kNotCounterReset;
  }

  FloatHistogramSample sum_, lost_;
  CombineNotes notes_;
  bool seen_reset_ = false, seen_no_reset_ = false;
};

// The sum by the number of histograms as long as no number of it overflows, from there on a running
// mean, as Prometheus has it.
class HistogramMean {
 public:
  explicit HistogramMean(const HistogramView& first);

  [[nodiscard]] bool Add(const HistogramView& histogram);

  size_t num_buckets() const { return sum_.num_buckets(); }
  FloatHistogramSample Mean() const;
  CombineNotes notes() const { return sum_.notes(); }

 private:
  HistogramSum sum_;  // incremental_: the mean so far
  double count_ = 1;
  double limit_ = 0;  // no number of sum_ is further from zero
  bool incremental_ = false;
};

}  // namespace tidemark::promql
