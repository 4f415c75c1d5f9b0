#include "base/model/histogram_bounds.h"

#include <array>
#include <cmath>
#include <limits>

namespace tidemark {
namespace {

constexpr size_t kPartsOfTwo = size_t{1} << kMaxExponentialSchema;

// 2^(i/256 - 1). One factor for each bit of i, the highest first, from 2^(1/2) down, each the root
// of the one before; with the first a bit too small all are what Prometheus has in its table.
std::array<double, kPartsOfTwo> MakeFractions() {
  std::array<double, kMaxExponentialSchema> factors;
  factors[0] = 1.414213562373095;
  for (size_t i = 1; i < factors.size(); ++i) factors[i] = std::sqrt(factors[i - 1]);
  std::array<double, kPartsOfTwo> fractions;
  for (size_t i = 0; i < kPartsOfTwo; ++i) {
    fractions[i] = 0.5;
    for (size_t bit = 0; bit < factors.size(); ++bit) {
      if (i >> (factors.size() - 1 - bit) & 1) fractions[i] *= factors[bit];
    }
  }
  return fractions;
}

// 2^exponent * fraction, where the power of two that no double reaches stands for the greatest.
double Scale(double fraction, int64_t exponent) {
  constexpr int64_t kFarBeyondDoubles = 5000;
  if (exponent > kFarBeyondDoubles) return std::numeric_limits<double>::infinity();
  if (exponent < -kFarBeyondDoubles) return 0;
  if (fraction == 0.5 && exponent == std::numeric_limits<double>::max_exponent + 1) {
    return std::numeric_limits<double>::max();
  }
  return std::ldexp(fraction, static_cast<int>(exponent));
}

}  // namespace

double ExponentialBound(int64_t index, int32_t schema) {
  static const std::array<double, kPartsOfTwo> kFractions = MakeFractions();
  if (schema < 0) return Scale(0.5, index * (int64_t{1} << -schema) + 1);
  const auto part = static_cast<size_t>(index & ((int64_t{1} << schema) - 1));
  return Scale(kFractions[part << (kMaxExponentialSchema - schema)], (index >> schema) + 1);
}

double BucketBound(const HistogramLayout& layout, int64_t index) {
  if (!HasCustomBuckets(layout)) return ExponentialBound(index, layout.schema);
  if (index < 0) return -std::numeric_limits<double>::infinity();
  const auto i = static_cast<size_t>(index);
  return i < layout.custom_values.size() ? layout.custom_values[i]
                                         : std::numeric_limits<double>::infinity();
}

}  // namespace tidemark
