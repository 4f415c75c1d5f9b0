#pragma once

#include <cmath>
#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "base/model/timestamp.h"
#include "promql/exec/range_windows.h"
#include "promql/functions/compensated_sum.h"

// Aggregates of windows [begin, end) over a column whose ends only move forward, at a cost of
// samples
// + windows in all, however much the windows overlap.
namespace tidemark::promql {

// True where the windows together see each sample, of these ascending times, so often that sliding
// pays.
bool WindowsOverlapMuch(std::span<const TimestampMs> times, const RangeWindows& windows);

// The index of the best value of a window that is not NaN, the first of equals.
// Kept: the indexes that are still best from themselves to the end of the window, best first.
template <typename Better>
class SlidingExtreme {
 public:
  // `values` outlives this.
  SlidingExtreme(const std::vector<double>& values, Better better)
      : values_(values), better_(better) {}

  // `end` where all values of the window are NaN.
  size_t Find(size_t begin, size_t end) {
    for (; seen_ < end; ++seen_) {
      if (std::isnan(values_[seen_])) continue;
      while (!candidates_.empty() && better_(values_[seen_], values_[candidates_.back()])) {
        candidates_.pop_back();
      }
      candidates_.push_back(seen_);
    }
    while (!candidates_.empty() && candidates_.front() < begin) candidates_.pop_front();
    return candidates_.empty() ? end : candidates_.front();
  }

 private:
  const std::vector<double>& values_;
  const Better better_;
  size_t seen_ = 0;
  std::deque<size_t> candidates_;
};

// The sum of a window: that of its part before a pivot, for which the sums of all its tails are
// kept, and that of its part behind it, which grows with the window. When the window leaves the
// pivot behind, its end becomes the next one. K. Tangwongsan et al., "General Incremental
// Sliding-Window Aggregation", VLDB 2015, section 3 (two stacks).
class SlidingSum {
 public:
  // `values` outlives this.
  explicit SlidingSum(const std::vector<double>& values) : values_(values) {}

  CompensatedSum Find(size_t begin, size_t end);

 private:
  void MovePivot(size_t begin, size_t end);

  const std::vector<double>& values_;
  size_t tails_begin_ = 0, pivot_ = 0;  // tails_[i] is the sum of [tails_begin_ + i, pivot_)
  std::vector<CompensatedSum> tails_;
  size_t end_ = 0;
  CompensatedSum behind_;  // of [pivot_, end_)
};

}  // namespace tidemark::promql
