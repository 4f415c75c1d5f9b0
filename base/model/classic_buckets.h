#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/model/native_histogram.h"

namespace tidemark {

// Collects the series of one classic histogram at one time and makes a native histogram with custom
// buckets of them. Reusable. One thread.
class ClassicBuckets {
 public:
  // How many observations are not above `upper_bound`, which may be +Inf. In any order of bounds
  // that ascends.
  void AddBucket(double upper_bound, double cumulative_count);
  void SetCount(double count) { count_ = count; }
  void SetSum(double sum) { sum_ = sum; }
  // Neither a bucket nor the count is known.
  bool empty() const { return bounds_.empty() && !count_; }
  void Clear();

  // An integer histogram where all counts are whole numbers. Nullopt where the series contradict
  // each other: bounds that do not ascend, a NaN among them, counts that are negative or fall, a
  // count of all that is not that of the last bucket.
  std::optional<std::variant<HistogramSample, FloatHistogramSample>> Convert(
      CounterResetHint hint) const;

 private:
  std::vector<double> bounds_, cumulative_counts_;
  std::optional<double> count_;
  double sum_ = 0;
};

}  // namespace tidemark
