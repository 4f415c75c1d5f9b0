#include "base/model/native_histogram.h"

#include <algorithm>
#include <type_traits>

#include "base/model/sample.h"

namespace tidemark {
namespace {

template <typename T>
bool SameNumber(T a, T b) {
  if constexpr (std::is_same_v<T, double>) {
    return SameBits(a, b);
  } else {
    return a == b;
  }
}

template <typename T>
bool AllSameBits(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](T left, T right) { return SameNumber(left, right); });
}

template <typename Count>
bool SameSamples(const BasicHistogramSample<Count>& a, const BasicHistogramSample<Count>& b) {
  const bool same_layout = a.layout == b.layout || (a.layout != nullptr && b.layout != nullptr &&
                                                    SameBits(*a.layout, *b.layout));
  return same_layout && a.counter_reset_hint == b.counter_reset_hint &&
         SameNumber(a.count, b.count) && SameNumber(a.zero_count, b.zero_count) &&
         SameBits(a.sum, b.sum) && AllSameBits(a.positive_counts, b.positive_counts) &&
         AllSameBits(a.negative_counts, b.negative_counts);
}

}  // namespace

bool SameBits(const HistogramLayout& a, const HistogramLayout& b) {
  return a.schema == b.schema && SameBits(a.zero_threshold, b.zero_threshold) &&
         a.positive_spans == b.positive_spans && a.negative_spans == b.negative_spans &&
         AllSameBits(a.custom_values, b.custom_values);
}

bool SameBits(const HistogramSample& a, const HistogramSample& b) { return SameSamples(a, b); }
bool SameBits(const FloatHistogramSample& a, const FloatHistogramSample& b) {
  return SameSamples(a, b);
}

}  // namespace tidemark
