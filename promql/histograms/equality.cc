#include "promql/histograms/equality.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/model/histogram_buckets.h"
#include "base/model/sample.h"

namespace tidemark::promql {
namespace {

constexpr int64_t kNoBucket = std::numeric_limits<int64_t>::max();

// The number of the next bucket with observations, kNoBucket where there is none.
int64_t NextPopulated(BucketReader& reader) {
  while (reader.Next()) {
    if (reader.count() != 0) return reader.index();
  }
  return kNoBucket;
}

template <typename Same>
bool SameSide(std::span<const BucketSpan> a_spans, std::span<const double> a_counts,
              std::span<const BucketSpan> b_spans, std::span<const double> b_counts, Same same) {
  BucketReader a(a_spans, a_counts), b(b_spans, b_counts);
  int64_t next_a = NextPopulated(a), next_b = NextPopulated(b);
  while (next_a != kNoBucket || next_b != kNoBucket) {
    const int64_t next = std::min(next_a, next_b);
    const double of_a = next_a == next ? a.count() : 0, of_b = next_b == next ? b.count() : 0;
    if (!same(of_a, of_b)) return false;
    if (next_a == next) next_a = NextPopulated(a);
    if (next_b == next) next_b = NextPopulated(b);
  }
  return true;
}

template <typename Same>
bool SameHistograms(const HistogramView& a, const HistogramView& b, Same same) {
  const HistogramLayout &left = *a.layout, &right = *b.layout;
  return left.schema == right.schema && left.zero_threshold == right.zero_threshold &&
         left.custom_values == right.custom_values && same(a.count, b.count) &&
         same(a.sum, b.sum) && same(a.zero_count, b.zero_count) &&
         SameSide(left.positive_spans, a.positive_counts, right.positive_spans, b.positive_counts,
                  same) &&
         SameSide(left.negative_spans, a.negative_counts, right.negative_spans, b.negative_counts,
                  same);
}

}  // namespace

bool AreEqual(const HistogramView& a, const HistogramView& b) {
  return SameHistograms(a, b, [](double x, double y) { return SameBits(x, y); });
}

bool AreAlmostEqual(const HistogramView& a, const HistogramView& b, double tolerance) {
  return SameHistograms(a, b, [&](double x, double y) {
    if (x == y || (std::isnan(x) && std::isnan(y))) return true;
    if (std::isinf(x) || std::isinf(y)) return false;
    return std::abs(x - y) <= tolerance * std::max(std::abs(x), std::abs(y));
  });
}

}  // namespace tidemark::promql
