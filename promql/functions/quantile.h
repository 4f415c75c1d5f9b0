#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tidemark::promql {

// The `q`-quantile of `values`, between the two nearest ranks in proportion; NaN counts as the
// least value. Infinite for a `q` outside [0, 1], NaN for a NaN `q` and for no values. Reorders
// `values`.
double Quantile(double q, std::vector<double>& values);

// Quantiles of windows [begin, end) over a column, whose ends only move forward. Every value has a
// place among all of the column, sorted once; the window is a set of these places.
// Cost: sorting the column, some tens of nanoseconds a value; then a few nanoseconds for each value
// that comes or goes and some tens for a quantile, whatever the length of the window.
class SlidingOrder {
 public:
  explicit SlidingOrder(std::span<const double> values);

  // As Quantile of the values in [begin, end).
  double Find(double q, size_t begin, size_t end);

 private:
  void Add(size_t i);
  void Remove(size_t i);
  // The place of the value of rank `k` in the window, and of the next one; k is below its size.
  size_t Select(size_t k) const;
  size_t Next(size_t place) const;

  std::vector<double> sorted_;      // by place, NaN first
  std::vector<uint32_t> places_;    // of each value of the column
  std::vector<uint64_t> in_;        // a bit for each place
  std::vector<uint8_t> in_word_;    // how many bits of each word are set
  std::vector<uint32_t> in_block_;  // of kWordsPerBlock words
  size_t begin_ = 0, end_ = 0;      // the window
};

}  // namespace tidemark::promql
