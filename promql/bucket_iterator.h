#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/model/histogram_buckets.h"
#include "base/model/histogram_columns.h"

namespace tidemark::promql {

struct HistogramBucket {
  double lower = 0, upper = 0;
  bool lower_inclusive = false, upper_inclusive = false;
  double count = 0;
};

// Which of a bucket's bounds are in it, as in Prometheus's JSON: 0 the upper one, 1 the lower one,
// 2 none, 3 both.
int BoundaryRule(const HistogramBucket& bucket);
// "[lower,upper)" with the brackets of mathematics.
std::string IntervalOf(const HistogramBucket& bucket);
// "[lower,upper):count"
std::string ToString(const HistogramBucket& bucket);

// All buckets of a histogram in order, the zero bucket among them where its count is positive, and
// if they are not `cut`, where it is negative. Buckets may be empty.
class BucketIterator {
 public:
  enum class Order { kAscending, kDescending };
  // `histogram` is valid; what it borrows from outlives this. Buckets that reach into the zero
  // bucket end there if they are `cut`.
  BucketIterator(const HistogramView& histogram, Order order, bool cut = true);

  // Moves to the next bucket, at first to the first one; false where there is none.
  bool Next();
  double count() const;
  // Computes its bounds.
  HistogramBucket bucket() const;

 private:
  // From the outermost bucket of one sign towards zero.
  class InwardReader {
   public:
    InwardReader(std::span<const BucketSpan> spans, std::span<const double> counts);
    bool Next();
    int64_t index() const { return index_; }
    double count() const { return counts_[place_]; }

   private:
    std::span<const BucketSpan> spans_;
    std::span<const double> counts_;
    size_t place_, left_;  // left_: spans not begun yet
    uint32_t left_in_span_ = 0;
    int64_t index_ = 0;
  };
  enum class Part { kInward, kZero, kOutward };

  HistogramBucket Bounded(int64_t index, double count, bool positive) const;

  const HistogramView histogram_;
  const bool ascending_, cut_;
  InwardReader inward_;
  BucketReader outward_;
  Part part_ = Part::kInward;
};

}  // namespace tidemark::promql
