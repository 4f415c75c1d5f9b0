#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/model/histogram_columns.h"
#include "base/model/native_histogram.h"

// The buckets of valid native histograms, one by one.
namespace tidemark {

// The buckets of one sign from zero outwards; custom buckets from the lowest up.
class BucketReader {
 public:
  // Both outlive this, and there are as many counts as the spans have buckets.
  BucketReader(std::span<const BucketSpan> spans, std::span<const double> counts)
      : spans_(spans), counts_(counts) {}

  // Moves to the next bucket, at first to the first one; false where there is none.
  bool Next() {
    ++place_;
    ++index_;
    while (left_in_span_ == 0) {
      if (next_span_ == spans_.size()) return false;
      index_ += spans_[next_span_].offset;
      left_in_span_ = spans_[next_span_].length;
      ++next_span_;
    }
    --left_in_span_;
    return place_ < counts_.size();
  }
  int64_t index() const { return index_; }  // its number in the schema
  size_t place() const { return place_; }   // where its count stands
  double count() const { return counts_[place_]; }

 private:
  std::span<const BucketSpan> spans_;
  std::span<const double> counts_;
  size_t next_span_ = 0;
  uint32_t left_in_span_ = 0;
  size_t place_ = static_cast<size_t>(-1);
  int64_t index_ = -1;
};

// The same layout, or another object with the same bits.
bool HaveSameLayout(const HistogramView& a, const HistogramView& b);

// The zero bucket of a histogram if it were wider.
struct ZeroBucket {
  double threshold = 0, count = 0;
};
// One that reaches to `threshold`, not less than that of the layout, or beyond: to the end of the
// populated bucket it would end in. Counts are those of the positive and negative buckets.
ZeroBucket WidenZeroBucket(const HistogramLayout& layout, double zero_count,
                           std::span<const double> positive_counts,
                           std::span<const double> negative_counts, double threshold);
// How many buckets of one sign, from the first, lie within a zero bucket that ends where a bucket
// does or in one that is empty.
size_t NumBucketsWithin(double threshold, int32_t schema, std::span<const BucketSpan> spans);

// The custom bounds that both have, ascending.
std::vector<double> SharedBounds(std::span<const double> a, std::span<const double> b);
// For each custom bucket the place it has among those that end at `bounds`, which are some of the
// layout's, and at +Inf; ascending.
std::vector<uint32_t> PlacesAmong(std::span<const double> bounds, const HistogramLayout& layout);

}  // namespace tidemark
