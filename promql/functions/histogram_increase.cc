#include "promql/functions/histogram_increase.h"

#include <algorithm>
#include <utility>

#include "base/model/histogram_bounds.h"
#include "base/model/histogram_reset.h"
#include "base/model/histogram_resolution.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {
namespace {

bool AllEmpty(const std::vector<double>& counts) {
  return std::all_of(counts.begin(), counts.end(), [](double count) { return count == 0; });
}

bool IsGauge(const HistogramView& h) { return h.counter_reset_hint == CounterResetHint::kGauge; }

std::vector<double> Difference(std::span<const double> a, std::span<const double> b) {
  std::vector<double> difference(a.size());
  for (size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
  return difference;
}

// With the buckets of the other, and nothing in them.
FloatHistogramSample Nothing(const HistogramView& like) {
  HistogramLayout layout;
  layout.schema = like.layout->schema;
  layout.custom_values = like.layout->custom_values;
  FloatHistogramSample nothing;
  nothing.layout = std::make_shared<const HistogramLayout>(std::move(layout));
  return nothing;
}

}  // namespace

void EmptySides::Drop(FloatHistogramSample& h) {
  const bool no_positive = !h.positive_counts.empty() && AllEmpty(h.positive_counts);
  const bool no_negative = !h.negative_counts.empty() && AllEmpty(h.negative_counts);
  if (!no_positive && !no_negative) return;
  if (of_ != h.layout) {
    of_ = h.layout;
    without_ = {};
  }
  std::shared_ptr<const HistogramLayout>& without =
      without_[(no_positive ? 1U : 0U) + (no_negative ? 2U : 0U)];
  if (without == nullptr) {
    HistogramLayout layout = *of_;
    if (no_positive) layout.positive_spans.clear();
    if (no_negative) layout.negative_spans.clear();
    without = std::make_shared<const HistogramLayout>(std::move(layout));
  }
  h.layout = without;
  if (no_positive) h.positive_counts.clear();
  if (no_negative) h.negative_counts.clear();
}

HistogramGrowth::HistogramGrowth(const HistogramColumns& samples, bool counter)
    : samples_(samples), counter_(counter) {
  for (size_t i = 0; i < samples.size(); ++i) {
    const bool gauge = IsGauge(samples[i]);
    any_gauge_ |= gauge;
    all_gauges_ &= gauge;
    if (i == 0) continue;
    one_layout_ &= samples.SharesLayout(i - 1);
    if (counter && IsCounterReset(samples[i], samples[i - 1])) resets_.push_back(i);
  }
}

std::optional<FloatHistogramSample> HistogramGrowth::Of(size_t begin, size_t end,
                                                        RangeNotes& notes) {
  while (first_reset_ < resets_.size() && resets_[first_reset_] <= begin) ++first_reset_;
  RangeNotes of_window;
  NoteHints(begin, end, of_window);
  std::optional<FloatHistogramSample> growth;
  if (one_layout_) {
    growth = OfOneLayout(begin, end);
  } else {
    growth = OfAny(begin, end, of_window);
  }
  if (!growth) {
    notes.mixed_schemas = true;
    return std::nullopt;
  }
  notes.not_a_counter |= of_window.not_a_counter;
  notes.not_a_gauge |= of_window.not_a_gauge;
  notes.reconciled_difference |= of_window.reconciled_difference;
  notes.reconciled_sum |= of_window.reconciled_sum;
  growth->counter_reset_hint = CounterResetHint::kGauge;
  empty_sides_.Drop(*growth);
  return growth;
}

void HistogramGrowth::NoteHints(size_t begin, size_t end, RangeNotes& notes) const {
  if (counter_) {
    for (size_t i = begin; any_gauge_ && i < end; ++i) notes.not_a_counter |= IsGauge(samples_[i]);
  } else {
    notes.not_a_gauge = !all_gauges_ && !(IsGauge(samples_[begin]) && IsGauge(samples_[end - 1]));
  }
}

bool HistogramGrowth::IsResetAt(size_t i) const {
  return std::binary_search(resets_.begin(), resets_.end(), i);
}

// Calls fn(i) for the resets before samples `i` in (begin + 1, end): one before the second sample
// makes the first one not count.
template <typename Fn>
void HistogramGrowth::ForEachResetAfter(size_t begin, size_t end, Fn fn) const {
  for (size_t r = first_reset_; r < resets_.size() && resets_[r] < end; ++r) {
    if (resets_[r] > begin + 1) fn(resets_[r]);
  }
}

FloatHistogramSample HistogramGrowth::OfOneLayout(size_t begin, size_t end) {
  const HistogramView first = samples_[begin], last = samples_[end - 1];
  if (IsResetAt(begin + 1)) {
    FloatHistogramSample growth = ToFloatHistogram(last);
    CombineNotes notes;
    ForEachResetAfter(begin, end, [&](size_t i) {
      // Of one layout they can be added.
      (void)Add(samples_[i - 1], growth, notes);
    });
    return growth;
  }
  FloatHistogramSample growth;
  growth.layout = last.layout;
  growth.count = last.count - first.count;
  growth.zero_count = last.zero_count - first.zero_count;
  growth.sum = last.sum - first.sum;
  growth.positive_counts = Difference(last.positive_counts, first.positive_counts);
  growth.negative_counts = Difference(last.negative_counts, first.negative_counts);
  CombineNotes notes;
  ForEachResetAfter(begin, end, [&](size_t i) { (void)Add(samples_[i - 1], growth, notes); });
  return growth;
}

bool HistogramGrowth::SchemasMix(size_t begin, size_t end) const {
  const bool skip_first = counter_ && IsResetAt(begin + 1);
  const bool custom = HasCustomBuckets(*samples_[skip_first ? begin + 1 : begin].layout);
  if (!counter_) return custom != HasCustomBuckets(*samples_[end - 1].layout);
  for (size_t i = begin + 1; i < end; ++i) {
    if (custom != HasCustomBuckets(*samples_[i].layout)) return true;
  }
  return false;
}

std::optional<FloatHistogramSample> HistogramGrowth::OfAny(size_t begin, size_t end,
                                                           RangeNotes& notes) const {
  if (SchemasMix(begin, end)) return std::nullopt;
  const bool skip_first = counter_ && IsResetAt(begin + 1);
  int32_t schema = samples_[end - 1].layout->schema;
  if (!skip_first) schema = std::min(schema, samples_[begin].layout->schema);
  for (size_t i = begin + 1; counter_ && i < end; ++i) {
    schema = std::min(schema, samples_[i].layout->schema);
  }
  FloatHistogramSample growth = ToFloatHistogram(samples_[end - 1]);
  ReduceResolution(schema, growth);
  CombineNotes difference, sum;
  const FloatHistogramSample nothing = skip_first ? Nothing(samples_[begin + 1]) : growth;
  if (!Subtract(skip_first ? ViewOf(nothing) : samples_[begin], growth, difference)) {
    return std::nullopt;
  }
  bool fit = true;
  ForEachResetAfter(begin, end, [&](size_t i) { fit = fit && Add(samples_[i - 1], growth, sum); });
  if (!fit) return std::nullopt;
  notes.reconciled_difference = difference.bounds_reconciled;
  notes.reconciled_sum = sum.bounds_reconciled;
  return growth;
}

}  // namespace tidemark::promql
