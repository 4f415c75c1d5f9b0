#include "promql/histograms/histogram_sum.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tidemark::promql {
namespace {

// The greatest magnitude in it, infinite where one is NaN too.
double Largest(const HistogramView& h) {
  double largest = 0;
  const auto see = [&](double number) {
    // NaN is not less than anything.
    largest = std::abs(number) <= largest ? largest : std::abs(number);
  };
  for (const double count : h.positive_counts) see(count);
  for (const double count : h.negative_counts) see(count);
  see(h.count);
  see(h.zero_count);
  see(h.sum);
  return std::isnan(largest) ? std::numeric_limits<double>::infinity() : largest;
}

bool HasOverflown(const FloatHistogramSample& h) {
  const auto infinite = [](double number) { return std::isinf(number); };
  return infinite(h.count) || infinite(h.zero_count) || infinite(h.sum) ||
         std::any_of(h.positive_counts.begin(), h.positive_counts.end(), infinite) ||
         std::any_of(h.negative_counts.begin(), h.negative_counts.end(), infinite);
}

// `lost` has the layout of `sum`.
void AddLost(const FloatHistogramSample& lost, FloatHistogramSample& sum) {
  const auto add = [](double lost_of_it, double& number) {
    if (!std::isinf(number)) number += lost_of_it;
  };
  add(lost.count, sum.count);
  add(lost.zero_count, sum.zero_count);
  add(lost.sum, sum.sum);
  for (size_t i = 0; i < lost.positive_counts.size(); ++i) {
    add(lost.positive_counts[i], sum.positive_counts[i]);
  }
  for (size_t i = 0; i < lost.negative_counts.size(); ++i) {
    add(lost.negative_counts[i], sum.negative_counts[i]);
  }
}

}  // namespace

bool HistogramSum::Add(const HistogramSum& other) {
  if (!AddCompensated(ViewOf(other.sum_), sum_, lost_, notes_)) return false;
  if (!AddCompensated(ViewOf(other.lost_), sum_, lost_, notes_)) return false;
  notes_.bounds_reconciled |= other.notes_.bounds_reconciled;
  seen_reset_ |= other.seen_reset_;
  seen_no_reset_ |= other.seen_no_reset_;
  return true;
}

FloatHistogramSample HistogramSum::Total() const {
  FloatHistogramSample total = sum_;
  AddLost(lost_, total);
  return total;
}

HistogramMean::HistogramMean(const HistogramView& first) : sum_(first), limit_(Largest(first)) {}

bool HistogramMean::Add(const HistogramView& histogram) {
  if (!incremental_) {
    const double limit = limit_ + Largest(histogram);
    // Twice for what rounding adds to sums that near the limit.
    if (std::isfinite(2 * limit)) {
      if (!sum_.Add(histogram)) return false;
      limit_ = limit;
      count_ += 1;
      return true;
    }
    HistogramSum next = sum_;
    if (!next.Add(histogram)) return false;
    if (!HasOverflown(next.sum_)) {
      sum_ = std::move(next);
      limit_ = limit;
      count_ += 1;
      return true;
    }
    incremental_ = true;
    Divide(count_, sum_.sum_);
    Divide(count_, sum_.lost_);
  }
  const double shrink = count_ / (count_ + 1);
  FloatHistogramSample part = ToFloatHistogram(histogram);
  Divide(count_ + 1, part);
  FloatHistogramSample mean = sum_.sum_, lost = sum_.lost_;
  Multiply(shrink, mean);
  Multiply(shrink, lost);
  CombineNotes notes = sum_.notes_;
  if (!AddCompensated(ViewOf(part), mean, lost, notes)) return false;
  sum_.NoteHint(histogram);
  sum_.sum_ = std::move(mean);
  sum_.lost_ = std::move(lost);
  sum_.notes_ = notes;
  count_ += 1;
  return true;
}

FloatHistogramSample HistogramMean::Mean() const {
  if (incremental_) return sum_.Total();
  if (count_ == 1) return sum_.sum_;
  FloatHistogramSample mean = sum_.sum_, lost = sum_.lost_;
  Divide(count_, mean);
  Divide(count_, lost);
  AddLost(lost, mean);
  return mean;
}

}  // namespace tidemark::promql
