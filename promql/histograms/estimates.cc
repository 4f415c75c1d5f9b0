#include "promql/histograms/estimates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/model/histogram_bounds.h"
#include "promql/bucket_iterator.h"
#include "promql/functions/compensated_sum.h"

namespace tidemark::promql {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Where the zero bucket ends if all observations are on one side of zero.
void EndAtZero(const HistogramView& h, HistogramBucket& bucket) {
  if (h.negative_counts.empty() && !h.positive_counts.empty()) bucket.lower = 0;
  if (h.positive_counts.empty() && !h.negative_counts.empty()) bucket.upper = 0;
}

// Within a bucket the value that `part` of its observations are below.
double ValueAt(const HistogramBucket& bucket, double part, bool exponential) {
  const bool reaches_zero = bucket.lower <= 0 && bucket.upper >= 0;
  if (!exponential || reaches_zero) return bucket.lower + (bucket.upper - bucket.lower) * part;
  const double lower = std::log2(std::abs(bucket.lower));
  const double upper = std::log2(std::abs(bucket.upper));
  if (bucket.lower > 0) return std::exp2(lower + (upper - lower) * part);
  return -std::exp2(upper + (lower - upper) * (1 - part));
}

// The part of a bucket's observations that are below a value in it.
double PartBelow(double value, const HistogramBucket& bucket) {
  const double lower = std::log2(std::abs(bucket.lower));
  const double upper = std::log2(std::abs(bucket.upper));
  const double at = std::log2(std::abs(value));
  return value > 0 ? (at - lower) / (upper - lower) : 1 - (at - upper) / (lower - upper);
}

// Adds the buckets that are left.
double CountRest(BucketIterator& buckets, double count) {
  while (buckets.Next()) count += buckets.count();
  return count;
}

// The first bucket in that order; an empty one at zero where there is none.
HistogramBucket First(const HistogramView& h, BucketIterator::Order order) {
  BucketIterator buckets(h, order);
  return buckets.Next() ? buckets.bucket() : HistogramBucket();
}

// The number of observations below a value, met on the way through the buckets from below.
class RankFinder {
 public:
  explicit RankFinder(double value) : value_(value) {}

  bool found() const { return found_; }
  // `before`: observations in the buckets before this one.
  void Visit(const HistogramBucket& bucket, double before, bool linear) {
    if (found_) return;
    if (bucket.lower >= value_) {  // a zero bucket without width, too
      Find(before);
    } else if (bucket.upper > value_) {
      Find(linear ? Linear(bucket, before) : before + bucket.count * PartBelow(value_, bucket));
    }
  }
  double RankUpTo(double count) const { return rank_ > count ? count : rank_; }

 private:
  void Find(double rank) {
    found_ = true;
    rank_ = rank;
  }
  double Linear(const HistogramBucket& bucket, double before) const {
    // Nothing can be said of values in a bucket that begins at -Inf: all are taken to be below.
    if (bucket.lower == -kInfinity) return bucket.count;
    return before + bucket.count * (value_ - bucket.lower) / (bucket.upper - bucket.lower);
  }

  const double value_;
  bool found_ = false;
  double rank_ = kInfinity;
};

}  // namespace

double EstimateQuantile(double q, const HistogramView& h, NanEffect& effect) {
  effect = NanEffect::kNone;
  if (q < 0) return -kInfinity;
  if (q > 1) return kInfinity;
  if (h.count == 0 || std::isnan(q)) return kNan;
  // NaN observations count as greater than all: from above the rank could not be found.
  const bool maybe_nan = std::isnan(h.sum), ascending = maybe_nan || q < 0.5;
  using enum BucketIterator::Order;
  BucketIterator buckets(h, ascending ? kAscending : kDescending);
  const double rank = (ascending ? q : 1 - q) * h.count;
  double count = 0;
  bool reached = false;
  while (!reached && buckets.Next()) {
    count += buckets.count();
    reached = buckets.count() != 0 && count >= rank;
  }
  HistogramBucket bucket =
      reached ? buckets.bucket() : First(h, ascending ? kDescending : kAscending);
  if (HasCustomBuckets(*h.layout)) {
    if (bucket.lower == -kInfinity) {
      if (bucket.upper <= 0) return bucket.upper;
      bucket.lower = 0;
    } else if (bucket.upper == kInfinity) {
      return bucket.lower;
    }
  } else if (bucket.lower < 0 && bucket.upper > 0) {
    EndAtZero(h, bucket);
  }
  count = std::min(count, h.count);
  if (count < rank) {
    if (!maybe_nan) return bucket.upper;  // rounding, or counts that do not add up
    effect = NanEffect::kResultIsNan;
    return kNan;
  }
  const double below = ascending ? rank - (count - bucket.count) : count - rank;
  if (maybe_nan && CountRest(buckets, count) < h.count) effect = NanEffect::kSkewed;
  return ValueAt(bucket, below / bucket.count, !HasCustomBuckets(*h.layout));
}

double EstimateFraction(double lower, double upper, const HistogramView& h, bool& has_nan) {
  has_nan = false;
  if (h.count == 0 || std::isnan(lower) || std::isnan(upper)) return kNan;
  if (lower >= upper) return 0;
  const bool custom = HasCustomBuckets(*h.layout);
  RankFinder from(lower), to(upper);
  BucketIterator buckets(h, BucketIterator::Order::kAscending);
  double count = 0;
  while (!(from.found() && to.found()) && buckets.Next()) {
    HistogramBucket bucket = buckets.bucket();
    const bool reaches_zero = bucket.lower <= 0 && bucket.upper >= 0;
    if (reaches_zero) EndAtZero(h, bucket);
    from.Visit(bucket, count, custom || reaches_zero);
    to.Visit(bucket, count, custom || reaches_zero);
    count += bucket.count;
  }
  double in_buckets = h.count;
  if (std::isnan(h.sum)) {
    in_buckets = CountRest(buckets, count);
    has_nan = in_buckets < h.count;
  }
  return (to.RankUpTo(in_buckets) - from.RankUpTo(in_buckets)) / h.count;
}

double EstimateVariance(const HistogramView& h) {
  const bool custom = HasCustomBuckets(*h.layout);
  const double mean = h.sum / h.count;
  CompensatedSum squares;
  BucketIterator buckets(h, BucketIterator::Order::kAscending);
  while (buckets.Next()) {
    if (buckets.count() == 0) continue;
    const HistogramBucket bucket = buckets.bucket();
    double middle = 0;
    if (custom) {
      middle = (bucket.upper + bucket.lower) / 2;
    } else if (bucket.lower > 0 || bucket.upper < 0) {
      middle = std::sqrt(bucket.upper * bucket.lower);
      if (bucket.upper < 0) middle = -middle;
    }
    const double from_mean = middle - mean;
    squares.Add(bucket.count * from_mean * from_mean);
  }
  return (squares.sum + squares.lost) / h.count;
}

}  // namespace tidemark::promql
