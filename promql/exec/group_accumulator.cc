#include "promql/exec/group_accumulator.h"

#include <atomic>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "promql/functions/compensated_sum.h"
#include "promql/histograms/histogram_sum.h"

namespace tidemark::promql {
namespace {

// Calls fn(step) for the samples of a row in words [begin, end).
template <typename Fn>
void ForEachStep(const StepRow& row, size_t begin, size_t end, Fn fn) {
  for (size_t w = begin; w < end; ++w) {
    for (uint64_t left = row.present[w]; left != 0; left &= left - 1) {
      fn(w * 64 + static_cast<size_t>(std::countr_zero(left)));
    }
  }
}

// One state per step. A state is made by its default constructor and takes in values by Add; Result
// is asked for only after an Add. A histogram is a sample like any other, of whatever value.
template <typename State>
class StepStates : public GroupAccumulator {
 public:
  explicit StepStates(size_t num_steps) : states_(num_steps), present_(PresenceWords(num_steps)) {}

  void Fold(const StepRow& row, std::string_view, size_t begin, size_t end) override {
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

 protected:
  void Add(size_t step, double value) {
    states_[step].Add(value);
    present_[step / 64] |= uint64_t{1} << (step % 64);
  }
  bool Has(size_t step) const { return present_[step / 64] >> (step % 64) & 1; }
  double Result(size_t step) const { return states_[step].Result(); }
  size_t num_steps() const { return states_.size(); }

 private:
  std::vector<State> states_;
  std::vector<uint64_t> present_;
};

// Of floats only.
template <typename State>
class FloatStates : public StepStates<State> {
 public:
  FloatStates(size_t num_steps, AggregationNotes& notes)
      : StepStates<State>(num_steps), notes_(notes) {}

  void Fold(const StepRow& row, std::string_view metric_name, size_t begin, size_t end) override {
    if (!row.HasHistograms()) return StepStates<State>::Fold(row, metric_name, begin, end);
    ForEachStep(row, begin, end, [&](size_t step) {
      row.HasHistogram(step) ? notes_.NoteIgnored() : this->Add(step, row.values[step]);
    });
  }

 private:
  AggregationNotes& notes_;
};

FloatHistogramSample ResultOf(const HistogramSum& sum) { return sum.Total(); }
FloatHistogramSample ResultOf(const HistogramMean& mean) { return mean.Mean(); }

// Of floats or histograms; a step that has both has no result.
template <typename State, typename HistogramState>
class MixedStates : public StepStates<State> {
 public:
  MixedStates(size_t num_steps, AggregationNotes& notes)
      : StepStates<State>(num_steps), notes_(notes) {}

  void ExpectHistograms() override { histograms_.resize(this->num_steps()); }

  void Fold(const StepRow& row, std::string_view metric_name, size_t begin, size_t end) override {
    if (histograms_.empty()) return StepStates<State>::Fold(row, metric_name, begin, end);
    ForEachStep(row, begin, end, [&](size_t step) {
      std::unique_ptr<Slot>& slot = histograms_[step];
      if (slot != nullptr && slot->has_other_buckets) return;
      if (const FloatHistogramSample* histogram = row.Histogram(step)) {
        AddHistogram(*histogram, metric_name, this->Has(step), slot);
      } else {
        this->Add(step, row.values[step]);
      }
    });
  }

  size_t TakeGrownBytes() override { return grown_bytes_.exchange(0, std::memory_order_relaxed); }

  void Finish(const StepRow& out) const override {
    if (histograms_.empty()) return StepStates<State>::Finish(out);
    for (size_t step = 0; step < this->num_steps(); ++step) {
      const Slot* slot = histograms_[step].get();
      if (slot != nullptr) {
        FinishHistogram(*slot, step, out);
      } else if (this->Has(step)) {
        out.Set(step, this->Result(step));
      }
    }
  }

 private:
  // Of a step at which there was a histogram.
  struct Slot {
    std::optional<HistogramState> state;  // none where there had been a float
    bool has_other_buckets = false;       // exponential and custom ones: from there on all is void
    size_t num_buckets = 0;
  };

  void AddHistogram(const FloatHistogramSample& histogram, std::string_view metric_name,
                    bool has_float, std::unique_ptr<Slot>& slot) {
    if (slot == nullptr) {
      slot = std::make_unique<Slot>();
      grown_bytes_.fetch_add(sizeof(Slot), std::memory_order_relaxed);
      if (has_float) return;
      slot->state.emplace(ViewOf(histogram));
    } else if (!slot->state) {
      return;
    } else if (!slot->state->Add(ViewOf(histogram))) {
      notes_.NoteOtherBuckets(metric_name);
      slot->has_other_buckets = true;
    }
    const size_t num_buckets = slot->state->num_buckets();
    if (num_buckets <= slot->num_buckets) return;
    constexpr size_t kBytesPerBucket = 2 * sizeof(double);  // with what rounding loses
    grown_bytes_.fetch_add((num_buckets - slot->num_buckets) * kBytesPerBucket,
                           std::memory_order_relaxed);
    slot->num_buckets = num_buckets;
  }

  void FinishHistogram(const Slot& slot, size_t step, const StepRow& out) const {
    const CombineNotes notes = slot.state ? slot.state->notes() : CombineNotes{};
    if (notes.bounds_reconciled) notes_.NoteReconciledBounds();
    if (this->Has(step)) return notes_.NoteMixed();
    if (slot.has_other_buckets) return;
    if (notes.conflicting_resets) notes_.NoteConflictingResets();
    FloatHistogramSample result = ResultOf(*slot.state);
    Compact(result);
    out.SetHistogram(step, std::make_shared<const FloatHistogramSample>(std::move(result)));
  }

  AggregationNotes& notes_;
  std::vector<std::unique_ptr<Slot>> histograms_;  // one per step, or none at all
  std::atomic<size_t> grown_bytes_{0};
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

std::unique_ptr<GroupAccumulator> MakeGroupAccumulator(AggregateOp op, size_t num_steps,
                                                       AggregationNotes& notes) {
  switch (op) {
    case AggregateOp::kSum:
      return std::make_unique<MixedStates<Sum, HistogramSum>>(num_steps, notes);
    case AggregateOp::kAvg:
      return std::make_unique<MixedStates<Mean, HistogramMean>>(num_steps, notes);
    case AggregateOp::kMin:
      return std::make_unique<FloatStates<Min>>(num_steps, notes);
    case AggregateOp::kMax:
      return std::make_unique<FloatStates<Max>>(num_steps, notes);
    case AggregateOp::kCount:
      return std::make_unique<StepStates<Count>>(num_steps);
    case AggregateOp::kGroup:
      return std::make_unique<StepStates<Group>>(num_steps);
    case AggregateOp::kStdvar:
      return std::make_unique<FloatStates<Variance>>(num_steps, notes);
    case AggregateOp::kStddev:
      return std::make_unique<FloatStates<Deviation>>(num_steps, notes);
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
