#include "promql/bucket_iterator.h"

#include <algorithm>

#include "base/model/float_format.h"
#include "base/model/histogram_bounds.h"
#include "base/strings.h"

namespace tidemark::promql {

int BoundaryRule(const HistogramBucket& bucket) {
  if (bucket.lower_inclusive) return bucket.upper_inclusive ? 3 : 1;
  return bucket.upper_inclusive ? 0 : 2;
}

std::string IntervalOf(const HistogramBucket& bucket) {
  return StrCat(bucket.lower_inclusive ? "[" : "(", FormatFloatG(bucket.lower), ",",
                FormatFloatG(bucket.upper), bucket.upper_inclusive ? "]" : ")");
}

std::string ToString(const HistogramBucket& bucket) {
  return StrCat(IntervalOf(bucket), ":", FormatFloatG(bucket.count));
}

BucketIterator::InwardReader::InwardReader(std::span<const BucketSpan> spans,
                                           std::span<const double> counts)
    : spans_(spans), counts_(counts), place_(counts.size()), left_(spans.size()) {
  for (const BucketSpan& span : spans) index_ += int64_t{span.offset} + span.length;
}

bool BucketIterator::InwardReader::Next() {
  if (place_ == 0) return false;
  while (left_in_span_ == 0) {
    if (left_ == 0) return false;
    if (left_ < spans_.size()) index_ -= spans_[left_].offset;
    --left_;
    left_in_span_ = spans_[left_].length;
  }
  --left_in_span_;
  --place_;
  --index_;
  return true;
}

BucketIterator::BucketIterator(const HistogramView& h, Order order, bool cut)
    : histogram_(h),
      ascending_(order == Order::kAscending),
      cut_(cut),
      inward_(ascending_ ? h.layout->negative_spans : h.layout->positive_spans,
              ascending_ ? h.negative_counts : h.positive_counts),
      outward_(ascending_ ? h.layout->positive_spans : h.layout->negative_spans,
               ascending_ ? h.positive_counts : h.negative_counts) {}

bool BucketIterator::Next() {
  if (part_ == Part::kInward) {
    if (inward_.Next()) return true;
    part_ = Part::kZero;
    if (histogram_.zero_count > 0 || (!cut_ && histogram_.zero_count != 0)) return true;
  }
  part_ = Part::kOutward;
  return outward_.Next();
}

double BucketIterator::count() const {
  if (part_ == Part::kInward) return inward_.count();
  return part_ == Part::kZero ? histogram_.zero_count : outward_.count();
}

HistogramBucket BucketIterator::bucket() const {
  if (part_ == Part::kInward) return Bounded(inward_.index(), inward_.count(), !ascending_);
  if (part_ == Part::kOutward) return Bounded(outward_.index(), outward_.count(), ascending_);
  const double threshold = histogram_.layout->zero_threshold;
  return {-threshold, threshold, true, true, histogram_.zero_count};
}

HistogramBucket BucketIterator::Bounded(int64_t index, double count, bool positive) const {
  const HistogramLayout& layout = *histogram_.layout;
  const double outer = BucketBound(layout, index), inner = BucketBound(layout, index - 1);
  if (HasCustomBuckets(layout)) return {inner, outer, index == 0, true, count};
  const double from = cut_ && inner > 0 ? std::max(inner, layout.zero_threshold) : inner;
  if (positive) return {from, outer, false, outer > 0, count};
  return {-outer, -from, outer > 0, false, count};
}

}  // namespace tidemark::promql
