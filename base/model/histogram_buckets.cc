#include "base/model/histogram_buckets.h"

#include <algorithm>
#include <iterator>

#include "base/model/histogram_bounds.h"
#include "base/model/sample.h"

namespace tidemark {
namespace {

// Adds to `zero` the buckets of one sign that begin below its threshold, which moves to the end of
// the last of them where that is populated. Whether it moved.
bool Absorb(std::span<const BucketSpan> spans, std::span<const double> counts, int32_t schema,
            ZeroBucket& zero) {
  BucketReader reader(spans, counts);
  while (reader.Next()) {
    if (ExponentialBound(reader.index() - 1, schema) >= zero.threshold) return false;
    zero.count += reader.count();
    const double end = ExponentialBound(reader.index(), schema);
    if (end > zero.threshold) {
      if (reader.count() == 0) return false;
      zero.threshold = end;
      return true;
    }
  }
  return false;
}

}  // namespace

bool HaveSameLayout(const HistogramView& a, const HistogramView& b) {
  return a.layout == b.layout || SameBits(*a.layout, *b.layout);
}

ZeroBucket WidenZeroBucket(const HistogramLayout& layout, double zero_count,
                           std::span<const double> positive_counts,
                           std::span<const double> negative_counts, double threshold) {
  ZeroBucket zero = {threshold, zero_count};
  if (threshold == layout.zero_threshold) return zero;
  Absorb(layout.positive_spans, positive_counts, layout.schema, zero);
  while (Absorb(layout.negative_spans, negative_counts, layout.schema, zero)) {
    zero.count = zero_count;  // the positive side may have more in reach now
    Absorb(layout.positive_spans, positive_counts, layout.schema, zero);
  }
  return zero;
}

size_t NumBucketsWithin(double threshold, int32_t schema, std::span<const BucketSpan> spans) {
  if (threshold <= 0) return 0;
  size_t within = 0;
  int64_t index = 0;
  for (const BucketSpan& span : spans) {
    index += span.offset;
    for (uint32_t i = 0; i < span.length; ++i, ++index, ++within) {
      if (ExponentialBound(index, schema) > threshold) return within;
    }
  }
  return within;
}

std::vector<double> SharedBounds(std::span<const double> a, std::span<const double> b) {
  std::vector<double> shared;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(shared));
  return shared;
}

std::vector<uint32_t> PlacesAmong(std::span<const double> bounds, const HistogramLayout& layout) {
  std::vector<uint32_t> places;
  size_t place = 0;
  int64_t index = 0;
  for (const BucketSpan& span : layout.positive_spans) {
    index += span.offset;
    for (uint32_t i = 0; i < span.length; ++i, ++index) {
      const double end = BucketBound(layout, index);
      while (place < bounds.size() && bounds[place] < end) ++place;
      places.push_back(static_cast<uint32_t>(place));
    }
  }
  return places;
}

}  // namespace tidemark
