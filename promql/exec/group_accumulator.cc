#include "promql/exec/group_accumulator.h"

#include <bit>
#include <cmath>
#include <vector>

#include "promql/functions/compensated_sum.h"

namespace tidemark::promql {
namespace {

// One state per step. A state is made by its default constructor and takes in values by Add; Result
// is asked for only after an Add.
template <typename State>
class StepStates : public GroupAccumulator {
 public:
  explicit StepStates(size_t num_steps) : states_(num_steps), present_(PresenceWords(num_steps)) {}

  void Fold(const StepRow& row, size_t begin, size_t end) override {
    const double* const values = row.values.data();
    for (size_t w = begin; w < end; ++w) {
      const uint64_t word = row.present[w];
      present_[w] |= word;
      if (word == ~uint64_t{0}) {
        for (size_t step = w * 64; step < w * 64 + 64; ++step) states_[step].Add(values[step]);
        continue;
      }
      for (uint64_t left = word; left != 0; left &= left - 1) {
        const size_t step = w * 64 + static_cast<size_t>(std::countr_zero(left));
        states_[step].Add(values[step]);
      }
    }
  }

  void Finish(const StepRow& out) const override {
    std::copy(present_.begin(), present_.end(), out.present.begin());
    out.ForEach([&](size_t step) { out.values[step] = states_[step].Result(); });
  }

 private:
  std::vector<State> states_;
  std::vector<uint64_t> present_;
};

struct Sum {
  CompensatedSum sum;
  void Add(double value) { sum.Add(value); }
  double Result() const { return sum.Total(); }
};

struct Mean {
  CompensatedMean mean;
  void Add(double value) { mean.Add(value); }
  double Result() const { return mean.Mean(); }
};

// NaN only where there is nothing else.
struct Min {
  double min = NAN;
  void Add(double value) {
    if (value < min || std::isnan(min)) min = value;
  }
  double Result() const { return min; }
};
struct Max {
  double max = NAN;
  void Add(double value) {
    if (value > max || std::isnan(max)) max = value;
  }
  double Result() const { return max; }
};

struct Count {
  double count = 0;
  void Add(double) { count += 1; }
  double Result() const { return count; }
};

struct Group {
  void Add(double) {}
  double Result() const { return 1; }
};

// Of the population. B. P. Welford, "Note on a Method for Calculating Corrected Sums of Squares and
// Products", Technometrics 4, 1962.
struct Variance {
  double count = 0, mean = 0, squares = 0;
  void Add(double value) {
    count += 1;
    const double from_mean = value - mean;
    mean += from_mean / count;
    squares += from_mean * (value - mean);
  }
  double Result() const { return squares / count; }
};
struct Deviation {
  Variance variance;
  void Add(double value) { variance.Add(value); }
  double Result() const { return std::sqrt(variance.Result()); }
};

}  // namespace

std::unique_ptr<GroupAccumulator> MakeGroupAccumulator(AggregateOp op, size_t num_steps) {
  switch (op) {
    case AggregateOp::kSum:
      return std::make_unique<StepStates<Sum>>(num_steps);
    case AggregateOp::kAvg:
      return std::make_unique<StepStates<Mean>>(num_steps);
    case AggregateOp::kMin:
      return std::make_unique<StepStates<Min>>(num_steps);
    case AggregateOp::kMax:
      return std::make_unique<StepStates<Max>>(num_steps);
    case AggregateOp::kCount:
      return std::make_unique<StepStates<Count>>(num_steps);
    case AggregateOp::kGroup:
      return std::make_unique<StepStates<Group>>(num_steps);
    case AggregateOp::kStdvar:
      return std::make_unique<StepStates<Variance>>(num_steps);
    case AggregateOp::kStddev:
      return std::make_unique<StepStates<Deviation>>(num_steps);
    case AggregateOp::kTopk:
    case AggregateOp::kBottomk:
    case AggregateOp::kQuantile:
    case AggregateOp::kCountValues:
    case AggregateOp::kLimitk:
    case AggregateOp::kLimitRatio:
      break;
  }
  return nullptr;
}

}  // namespace tidemark::promql
