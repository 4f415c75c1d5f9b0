#pragma once

#include <cmath>

namespace tidemark::promql {

// A sum that carries what rounding loses along. A. Neumaier, "Rundungsfehleranalyse einiger
// Verfahren zur Summation endlicher Summen", ZAMM 54, 1974.
struct CompensatedSum {
  double sum = 0, lost = 0;

  void Add(double value) {
    const double next = sum + value;
    if (std::isinf(next)) {
      lost = 0;
    } else if (std::abs(sum) >= std::abs(value)) {
      lost += (sum - next) + value;
    } else {
      lost += (value - next) + sum;
    }
    sum = next;
  }
  double Total() const { return std::isinf(sum) ? sum : sum + lost; }
};

// A mean: the compensated sum by the count as long as that does not overflow, from there on a
// running mean, as Prometheus has it.
class CompensatedMean {
 public:
  void Add(double value) {
    count_ += 1;
    if (!incremental_) {
      CompensatedSum next = sum_;
      next.Add(value);
      if (count_ == 1 || !std::isinf(next.sum)) {
        sum_ = next;
        return;
      }
      incremental_ = true;
      sum_.sum /= count_ - 1;
      sum_.lost /= count_ - 1;
    }
    const double shrink = (count_ - 1) / count_;
    sum_.sum *= shrink;
    sum_.lost *= shrink;
    sum_.Add(value / count_);
  }
  // NaN before the first Add.
  double Mean() const {
    if (incremental_) return sum_.sum + sum_.lost;
    return sum_.sum / count_ + sum_.lost / count_;
  }

 private:
  CompensatedSum sum_;  // incremental_: the mean so far
  double count_ = 0;
  bool incremental_ = false;
};

}  // namespace tidemark::promql
