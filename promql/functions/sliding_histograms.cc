#include "promql/functions/sliding_histograms.h"

#include <algorithm>

namespace tidemark::promql {

void SlidingHistogramSum::HintCounts::MoveTo(const HistogramColumns& samples, size_t begin,
                                             size_t end) {
  const auto count_of = [&](size_t i) -> size_t& {
    return counts_[static_cast<size_t>(samples[i].counter_reset_hint)];
  };
  for (; end_ < end; ++end_) ++count_of(end_);
  for (; begin_ < begin; ++begin_) --count_of(begin_);
}

bool SlidingHistogramSum::MoveTo(size_t begin, size_t end) {
  begin_ = begin;
  end_ = end;
  hints_.MoveTo(samples_, begin, end);
  if (!ShareLayout(begin, end)) return false;
  if (begin > pivot_ || samples_[begin].layout.get() != layout_) MovePivot(begin, end);
  for (; behind_end_ < end; ++behind_end_) AddRow(behind_end_, behind_);
  sums_ = behind_;
  if (begin == pivot_) return true;
  const CompensatedSum* const tail = tails_.data() + (begin - tails_begin_) * sums_.size();
  for (size_t i = 0; i < sums_.size(); ++i) {
    CompensatedSum sum = tail[i];
    sum.Add(behind_[i].sum);
    sum.lost += behind_[i].lost;
    sums_[i] = sum;
  }
  return true;
}

bool SlidingHistogramSum::ShareLayout(size_t begin, size_t end) {
  run_end_ = std::max(run_end_, begin + 1);
  while (run_end_ < end && samples_.SharesLayout(run_end_ - 1)) ++run_end_;
  return end <= run_end_;
}

void SlidingHistogramSum::MovePivot(size_t begin, size_t end) {
  const HistogramView first = samples_[begin];
  const size_t width = 3 + first.positive_counts.size() + first.negative_counts.size();
  layout_ = first.layout.get();
  tails_begin_ = begin;
  pivot_ = behind_end_ = end;
  behind_.assign(width, {});
  tails_.assign((end - begin) * width, {});
  for (size_t i = end; i > begin; --i) {
    CompensatedSum* const row = tails_.data() + (i - 1 - begin) * width;
    if (i < end) std::copy_n(row + width, width, row);
    AddRow(i - 1, {row, width});
  }
}

void SlidingHistogramSum::AddRow(size_t i, std::span<CompensatedSum> sums) const {
  const HistogramView h = samples_[i];
  sums[0].Add(h.count);
  sums[1].Add(h.zero_count);
  sums[2].Add(h.sum);
  CompensatedSum* next = sums.data() + 3;
  for (const double count : h.positive_counts) (next++)->Add(count);
  for (const double count : h.negative_counts) (next++)->Add(count);
}

FloatHistogramSample SlidingHistogramSum::Make(std::span<const double> numbers) const {
  FloatHistogramSample made;
  const HistogramView like = samples_[begin_];
  made.layout = like.layout;
  made.counter_reset_hint = Hint();
  made.count = numbers[0];
  made.zero_count = numbers[1];
  made.sum = numbers[2];
  const auto positive = numbers.subspan(3, like.positive_counts.size());
  const auto negative = numbers.subspan(3 + positive.size());
  made.positive_counts.assign(positive.begin(), positive.end());
  made.negative_counts.assign(negative.begin(), negative.end());
  return made;
}

CombineNotes SlidingHistogramSum::notes() const {
  CombineNotes notes;
  notes.conflicting_resets = hints_.Of(CounterResetHint::kCounterReset) > 0 &&
                             hints_.Of(CounterResetHint::kNotCounterReset) > 0;
  return notes;
}

// As additions one after the other make it.
CounterResetHint SlidingHistogramSum::Hint() const {
  if (hints_.Of(CounterResetHint::kGauge) > 0) return CounterResetHint::kGauge;
  const CounterResetHint first = samples_[begin_].counter_reset_hint;
  return hints_.Of(first) == end_ - begin_ ? first : CounterResetHint::kUnknown;
}

}  // namespace tidemark::promql
