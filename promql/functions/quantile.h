#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tidemark::promql {

// The `q`-quantile of `values`, between the two nearest ranks in proportion; NaN counts as the
// least value. Infinite for a `q` outside [0, 1], NaN for a NaN `q` and for no values. Reorders
// `values`.
double Quantile(double q, std::vector<double>& values);
// The same of values that are sorted, NaN first.
double QuantileOfSorted(double q, std::span<const double> values);

// The values of windows [begin, end) over a column, sorted, NaN first. The ends only move forward.
// Cost: per value that comes or goes a search and moving what is greater, some tens of nanoseconds
// in a window of some hundred.
class SlidingOrder {
 public:
  // `values` outlives this.
  explicit SlidingOrder(const std::vector<double>& values) : values_(values) {}

  std::span<const double> Find(size_t begin, size_t end);  // valid until the next call

 private:
  const std::vector<double>& values_;
  size_t begin_ = 0, end_ = 0;  // what is in sorted_
  std::vector<double> sorted_;
};

}  // namespace tidemark::promql
