#pragma once

#include <cstddef>
#include <vector>

namespace tidemark::promql {

// Where a counter fell, by ascending index: values[index] < values[index - 1]. Found once for a
// series; windows then only add up the few that lie inside them.
class CounterResets {
 public:
  // `values` outlives this. Of a gauge nothing is a reset.
  CounterResets(const std::vector<double>& values, bool counter) : values_(values) {
    for (size_t i = 1; counter && i < values.size(); ++i) {
      if (values[i] < values[i - 1]) indexes_.push_back(i);
    }
  }

  // `increase` plus the values lost by resets after `begin` and before `end`. Windows come in
  // order.
  double Correct(double increase, size_t begin, size_t end) {
    while (first_ < indexes_.size() && indexes_[first_] <= begin) ++first_;
    for (size_t i = first_; i < indexes_.size() && indexes_[i] < end; ++i) {
      increase += values_[indexes_[i] - 1];
    }
    return increase;
  }

 private:
  const std::vector<double>& values_;
  std::vector<size_t> indexes_;
  size_t first_ = 0;  // the first reset that a window to come may hold
};

}  // namespace tidemark::promql
