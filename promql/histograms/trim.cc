#include "promql/histograms/trim.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/model/histogram_bounds.h"
#include "base/model/histogram_buckets.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

enum class Keep { kBelow, kAbove };

struct Interval {
  double lower = 0, upper = 0;
};

// What is left of a bucket: so many observations, of about this value each.
struct Rest {
  double count = 0, value = 0;
};

double OrZero(double value) { return std::isinf(value) ? 0 : value; }

double ArithmeticMiddle(Interval i) { return (i.lower + i.upper) / 2; }

// What stands for the values of a bucket.
double Middle(Interval i, bool exponential) {
  if (std::isinf(i.lower) && std::isinf(i.upper)) return 0;
  if (std::isinf(i.lower)) return i.upper > 0 ? i.upper / 2 : i.upper;
  if (std::isinf(i.upper)) return i.lower;
  if (!exponential) return ArithmeticMiddle(i);
  const double middle = std::sqrt(std::abs(i.lower * i.upper));
  return i.upper > 0 ? middle : -middle;
}

// Of a bucket that begins at -Inf, where it ends above zero, or nothing is known of its values.
Rest CutLowest(double upper, double count, double bound, Keep keep) {
  const bool from_zero = upper > 0 && upper != kInfinity;  // as in a classic histogram
  if (keep == Keep::kBelow) {
    if (bound > 0 && from_zero) return {count * bound / upper, bound / 2};
    if (upper <= 0) return {count, bound};
  } else if (bound >= 0 && from_zero) {
    return {count * (1 - bound / upper), (bound + upper) / 2};
  }
  return {0, OrZero(upper)};
}

// Of a bucket whose bounds are on either side of `bound`.
Rest Cut(Interval i, double count, double bound, Keep keep, bool exponential) {
  if (i.lower == -kInfinity) return CutLowest(i.upper, count, bound, keep);
  if (i.upper == kInfinity) {
    return keep == Keep::kAbove ? Rest{count, bound} : Rest{0, OrZero(i.lower)};
  }
  double below = 0;  // the part of the observations
  if (!exponential) {
    below = (bound - i.lower) / (i.upper - i.lower);
  } else {
    const double from = std::log2(std::abs(i.lower)), to = std::log2(std::abs(i.upper));
    const double at = std::log2(std::abs(bound));
    below = i.upper > 0 ? (at - from) / (to - from) : 1 - (at - to) / (from - to);
  }
  if (keep == Keep::kBelow) return {count * below, Middle({i.lower, bound}, exponential)};
  return {count - count * below, Middle({bound, i.upper}, exponential)};
}

Rest CutZero(Interval i, double count, double bound, Keep keep) {
  if (keep == Keep::kBelow) {
    if (bound <= i.lower) return {};
    if (bound >= i.upper) return {count, ArithmeticMiddle(i)};
    return {count * ((bound - i.lower) / (i.upper - i.lower)), (i.lower + bound) / 2};
  }
  if (bound <= i.lower) return {count, ArithmeticMiddle(i)};
  if (bound >= i.upper) return {};
  return {count * ((i.upper - bound) / (i.upper - i.lower)), (bound + i.upper) / 2};
}

// A histogram that loses what lies on one side of `bound`.
class Trimming {
 public:
  Trimming(const HistogramView& h, double bound, Keep keep)
      : h_(ToFloatHistogram(h)), bound_(bound), keep_(keep) {}

  FloatHistogramSample Run() {
    const HistogramLayout& layout = *h_.layout;
    const bool has_positive = TrimSide(layout.positive_spans, h_.positive_counts, true);
    const bool has_negative = TrimSide(layout.negative_spans, h_.negative_counts, false);
    if (h_.zero_count > 0) TrimZero(has_positive, has_negative);
    if (!trimmed_) return std::move(h_);
    h_.count = count_;
    h_.sum = sum_;
    Compact(h_);
    return std::move(h_);
  }

 private:
  void Take(Rest rest, double& count) {
    count_ += rest.count;
    sum_ += rest.value * rest.count;
    trimmed_ |= count != rest.count;
    count = rest.count;
  }

  // Whether there is any observation.
  bool TrimSide(std::span<const BucketSpan> spans, std::vector<double>& counts, bool positive) {
    bool any = false;
    BucketReader reader(spans, counts);
    while (reader.Next()) {
      double& count = counts[reader.place()];
      if (count == 0) continue;
      any = true;
      const double outer = BucketBound(*h_.layout, reader.index());
      const double inner = BucketBound(*h_.layout, reader.index() - 1);
      Take(TrimBucket(positive ? Interval{inner, outer} : Interval{-outer, -inner}, count), count);
    }
    return any;
  }

  Rest TrimBucket(Interval i, double count) const {
    const bool exponential = !HasCustomBuckets(*h_.layout);
    const bool whole = keep_ == Keep::kBelow ? i.upper <= bound_ : i.lower >= bound_;
    if (whole) return {count, Middle(i, exponential)};
    const bool cut = keep_ == Keep::kBelow ? i.lower < bound_ : i.upper > bound_;
    return cut ? Cut(i, count, bound_, keep_, exponential) : Rest{};
  }

  // With observations on one side only the zero bucket is taken to have none on the other.
  void TrimZero(bool has_positive, bool has_negative) {
    Interval i = {-h_.layout->zero_threshold, h_.layout->zero_threshold};
    if (has_negative && !has_positive) i.upper = 0;
    if (has_positive && !has_negative) i.lower = 0;
    Take(CutZero(i, h_.zero_count, bound_, keep_), h_.zero_count);
  }

  FloatHistogramSample h_;
  const double bound_;
  const Keep keep_;
  double count_ = 0, sum_ = 0;
  bool trimmed_ = false;
};

}  // namespace

FloatHistogramSample TrimAbove(const HistogramView& histogram, double bound) {
  return Trimming(histogram, bound, Keep::kBelow).Run();
}
FloatHistogramSample TrimBelow(const HistogramView& histogram, double bound) {
  return Trimming(histogram, bound, Keep::kAbove).Run();
}

}  // namespace tidemark::promql
