#pragma once

#include <cmath>
#include <cstddef>

// Sums that carry along what rounding loses, many side by side: what CompensatedSum is to one.
// Bit for bit the same with and without AVX2. Thread-safe: hold no state.
namespace tidemark::promql {

inline void AddCompensated(double value, double& sum, double& lost) {
  const double next = sum + value;
  const bool sum_is_larger = std::abs(sum) >= std::abs(value);
  const double large = sum_is_larger ? sum : value, small = sum_is_larger ? value : sum;
  const double total = lost + ((large - next) + small);
  lost = std::isinf(next) ? 0 : total;
  sum = next;
}

// The same of each of `count` values. Cost: under a nanosecond a value with AVX2, two without.
void AddEachCompensated(const double* values, size_t count, double* sums, double* lost);

namespace portable {
// What AddEachCompensated does without AVX2, for tests to compare.
void AddEachCompensated(const double* values, size_t count, double* sums, double* lost);
}  // namespace portable

}  // namespace tidemark::promql
