#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/model/histogram_columns.h"
#include "promql/functions/compensated_sum.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {

// Sums of the native histograms of windows that share one layout, found as SlidingSum finds those
// of floats: each histogram is added twice and each window merges two sums, however much the
// windows overlap.
class SlidingHistogramSum {
 public:
  // `samples` outlives this.
  explicit SlidingHistogramSum(const HistogramColumns& samples) : samples_(samples) {}

  // To samples [begin, end), one at least; no end ever moves back. False where they do not share
  // one layout: then the rest must not be asked for.
  bool MoveTo(size_t begin, size_t end);

  // Count, zero count, sum, then the buckets, positive ones first.
  std::span<const CompensatedSum> sums() const { return sums_; }
  // The histogram of these numbers.
  FloatHistogramSample Make(std::span<const double> numbers) const;
  // Whether some have seen a counter reset and others none.
  CombineNotes notes() const;

 private:
  // How many samples of the window have each hint.
  class HintCounts {
   public:
    void MoveTo(const HistogramColumns& samples, size_t begin, size_t end);
    size_t Of(CounterResetHint hint) const { return counts_[static_cast<size_t>(hint)]; }

   private:
    std::array<size_t, 4> counts_{};
    size_t begin_ = 0, end_ = 0;
  };

  bool ShareLayout(size_t begin, size_t end);
  void MovePivot(size_t begin, size_t end);
  void AddRow(size_t i, std::span<CompensatedSum> sums) const;
  CounterResetHint Hint() const;

  const HistogramColumns& samples_;
  size_t begin_ = 0, end_ = 0;  // of the window
  size_t run_end_ = 0;          // up to there samples from begin_ on are known to share one layout
  const HistogramLayout* layout_ = nullptr;  // that tails_ and behind_ are of
  size_t pivot_ = 0, tails_begin_ = 0;
  std::vector<CompensatedSum> tails_;   // one row for each of [tails_begin_, pivot_): up to pivot_
  std::vector<CompensatedSum> behind_;  // of [pivot_, behind_end_)
  size_t behind_end_ = 0;
  std::vector<CompensatedSum> sums_;
  HintCounts hints_;
};

}  // namespace tidemark::promql
