#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

#include "base/model/sample.h"
#include "promql/functions/start_timestamps.h"

namespace tidemark::promql {

// Where a counter fell or, as its start timestamps say, began anew, by ascending index. Found once
// for a series; windows then only add up the few that lie inside them.
class CounterResets {
 public:
  enum class By { kNothing /* a gauge */, kValue, kValueOrStart };
  // `samples` outlives this.
  CounterResets(const SampleColumns& samples, By by) : values_(samples.values) {
    const bool starts = by == By::kValueOrStart && !samples.start_timestamps.empty();
    const SampleTimes times = SampleTimes::OfFloats(samples);
    if (by == By::kNothing || (!starts && !AnyFalls(values_))) return;
    for (size_t i = 1; i < values_.size(); ++i) {
      if (values_[i] < values_[i - 1] || (starts && BeginsAnew(times, i))) indexes_.push_back(i);
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
  // Two at a time and without a branch: most series never fall.
  static bool AnyFalls(const std::vector<double>& values) {
    using Pair = double __attribute__((vector_size(16)));
    decltype(Pair() < Pair()) falls = {};
    size_t i = 1;
    for (; i + 2 <= values.size(); i += 2) {
      Pair before, now;
      std::memcpy(&before, values.data() + i - 1, sizeof(before));
      std::memcpy(&now, values.data() + i, sizeof(now));
      falls |= now < before;
    }
    return falls[0] != 0 || falls[1] != 0 || (i < values.size() && values[i] < values[i - 1]);
  }

  const std::vector<double>& values_;
  std::vector<size_t> indexes_;
  size_t first_ = 0;  // the first reset that a window to come may hold
};

}  // namespace tidemark::promql
