#include "promql/functions/histogram_increase.h"

#include <algorithm>
#include <utility>

#include "base/model/histogram_bounds.h"
#include "base/model/histogram_reset.h"
#include "base/model/histogram_resolution.h"
#include "promql/functions/start_timestamps.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {
namespace {

bool AllEmpty(const std::vector<double>& counts) {
  return std::all_of(counts.begin(), counts.end(), [](double count) { return count == 0; });
}

bool IsGauge(const HistogramView& h) { return h.counter_reset_hint == CounterResetHint::kGauge; }

void SetToDifference(std::span<const double> a, std::span<const double> b,
                     std::vector<double>& difference) {
  difference.resize(a.size());
  for (size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
}

// Without the hint.
void Assign(const HistogramView& from, FloatHistogramSample& to) {
  to.layout = from.layout;
  to.count = from.count;
  to.zero_count = from.zero_count;
  to.sum = from.sum;
  to.positive_counts.assign(from.positive_counts.begin(), from.positive_counts.end());
  to.negative_counts.assign(from.negative_counts.begin(), from.negative_counts.end());
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

HistogramGrowth::HistogramGrowth(const SampleColumns& samples, bool counter)
    : samples_(samples.histograms), counter_(counter) {
  const SampleTimes times = SampleTimes::OfHistograms(samples);
  for (size_t i = 0; i < samples_.size(); ++i) {
    const HistogramView now = samples_[i];
    any_gauge_ |= IsGauge(now);
    all_gauges_ &= IsGauge(now);
    if (i == 0) continue;
    if (!samples_.SharesLayout(i - 1)) {
      layout_changes_.push_back(i);
      one_schema_ &= now.layout->schema == samples_[i - 1].layout->schema;
    }
    if (!counter) continue;
    if (BeginsAnew(times, i) || IsReset(i, now)) resets_.push_back(i);
  }
}

// Whether the counter was reset before it became `now`, sample `i`.
bool HistogramGrowth::IsReset(size_t i, const HistogramView& now) const {
  if (now.counter_reset_hint == CounterResetHint::kNotCounterReset) return false;
  return IsCounterReset(now, samples_[i - 1]);
}

bool HistogramGrowth::Find(size_t begin, size_t end, bool from_zero, RangeNotes& notes,
                           FloatHistogramSample& growth) {
  while (first_reset_ < resets_.size() && resets_[first_reset_] <= begin) ++first_reset_;
  RangeNotes of_window;
  NoteHints(begin, end, of_window);
  const Span span = SpanOf(begin, end, from_zero);
  growth.counter_reset_hint = CounterResetHint::kUnknown;
  if (ShareLayout(span)) {
    FindOfOneLayout(span, growth);
  } else if (!FindOfAny(span, of_window, growth)) {
    notes.mixed_schemas = true;
    return false;
  }
  notes.not_a_counter |= of_window.not_a_counter;
  notes.not_a_gauge |= of_window.not_a_gauge;
  notes.reconciled_difference |= of_window.reconciled_difference;
  notes.reconciled_sum |= of_window.reconciled_sum;
  growth.counter_reset_hint = CounterResetHint::kGauge;
  empty_sides_.Drop(growth);
  return true;
}

void HistogramGrowth::NoteHints(size_t begin, size_t end, RangeNotes& notes) const {
  if (counter_) {
    for (size_t i = begin; any_gauge_ && i < end; ++i) notes.not_a_counter |= IsGauge(samples_[i]);
  } else {
    notes.not_a_gauge = !all_gauges_ && !(IsGauge(samples_[begin]) && IsGauge(samples_[end - 1]));
  }
}

HistogramGrowth::Span HistogramGrowth::SpanOf(size_t begin, size_t end, bool from_zero) const {
  if (from_zero) return {begin, end, true};
  const bool reset_at_second = std::binary_search(resets_.begin(), resets_.end(), begin + 1);
  return {reset_at_second ? begin + 1 : begin, end, reset_at_second};
}

// Calls fn(i) for the resets before samples `i`.
template <typename Fn>
void HistogramGrowth::ForEachResetWithin(const Span& span, Fn fn) const {
  for (size_t r = first_reset_; r < resets_.size() && resets_[r] < span.end; ++r) {
    if (resets_[r] > span.first) fn(resets_[r]);
  }
}

void HistogramGrowth::FindOfOneLayout(const Span& span, FloatHistogramSample& growth) const {
  const HistogramView first = samples_[span.first], last = samples_[span.end - 1];
  if (span.from_zero) {
    Assign(last, growth);
  } else {
    growth.layout = last.layout;
    growth.count = last.count - first.count;
    growth.zero_count = last.zero_count - first.zero_count;
    growth.sum = last.sum - first.sum;
    SetToDifference(last.positive_counts, first.positive_counts, growth.positive_counts);
    SetToDifference(last.negative_counts, first.negative_counts, growth.negative_counts);
  }
  CombineNotes notes;
  // Of one layout they can be added.
  ForEachResetWithin(span, [&](size_t i) { (void)Add(samples_[i - 1], growth, notes); });
}

bool HistogramGrowth::ShareLayout(const Span& span) const {
  const auto change = std::upper_bound(layout_changes_.begin(), layout_changes_.end(), span.first);
  return change == layout_changes_.end() || *change >= span.end;
}

bool HistogramGrowth::SchemasMix(const Span& span) const {
  if (one_schema_) return false;
  const bool custom = HasCustomBuckets(*samples_[span.first].layout);
  for (size_t i = counter_ ? span.first + 1 : span.end - 1; i < span.end; ++i) {
    if (custom != HasCustomBuckets(*samples_[i].layout)) return true;
  }
  return false;
}

bool HistogramGrowth::FindOfAny(const Span& span, RangeNotes& notes,
                                FloatHistogramSample& growth) const {
  if (SchemasMix(span)) return false;
  int32_t schema =
      std::min(samples_[span.first].layout->schema, samples_[span.end - 1].layout->schema);
  for (size_t i = span.first; !one_schema_ && counter_ && i < span.end; ++i) {
    schema = std::min(schema, samples_[i].layout->schema);
  }
  Assign(samples_[span.end - 1], growth);
  ReduceResolution(schema, growth);
  CombineNotes difference, sum;
  const HistogramView first = samples_[span.first];
  const bool subtracted = span.from_zero ? Subtract(ViewOf(Nothing(first)), growth, difference)
                                         : Subtract(first, growth, difference);
  if (!subtracted) return false;
  bool fit = true;
  ForEachResetWithin(span, [&](size_t i) { fit = fit && Add(samples_[i - 1], growth, sum); });
  if (!fit) return false;
  notes.reconciled_difference = difference.bounds_reconciled;
  notes.reconciled_sum = sum.bounds_reconciled;
  return true;
}

}  // namespace tidemark::promql
