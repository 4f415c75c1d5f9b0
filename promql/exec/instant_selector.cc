#include "promql/exec/instant_selector.h"

#include <algorithm>

#include "base/model/histogram_bounds.h"
#include "base/model/histogram_reset.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "promql/exec/bucket_groups.h"
#include "promql/exec/histogram_load.h"
#include "promql/exec/metric_name.h"
#include "promql/exec/parallel_rows.h"
#include "promql/exec/stored_range.h"
#include "promql/functions/extended_windows.h"
#include "promql/functions/histogram_interpolation.h"
#include "promql/functions/mixed_windows.h"

namespace tidemark::promql {

absl::StatusOr<bool> InstantSelector::Next(QueryContext& query, ColumnBatch& out) {
  if (next_ == series_->size()) return false;
  out.Reset(num_steps());
  const size_t first = next_;
  next_ = std::min(series_->size(), first + out.max_series());
  const size_t count = next_ - first;
  for (size_t i = 0; i < count; ++i) out.Add({LabelsOf(first + i)});
  held_ = std::vector<std::optional<MemoryReservation>>(count);
  RETURN_IF_ERROR(ForEachRowInParallel(query, count, [&](size_t i) {
    thread_local SampleColumns samples;  // so that the steady state allocates nothing
    RETURN_IF_ERROR(ReadRow(first + i, samples));
    MemoryReservation held(query);
    RETURN_IF_ERROR(held.GrowBy(samples));
    if (gives_ == Gives::kSmoothedValue) {
      DropStaleMarkers(samples);
      FillSmoothed(samples, out.row(i));
      if (samples.histograms.empty()) return absl::OkStatus();
      FillSmoothedHistograms(query, out.header(i).labels, samples, out.row(i));
    } else if (samples.histograms.empty()) {
      Fill(samples, out.row(i));
    } else {
      RETURN_IF_ERROR(FillMixed(samples, out.row(i)));
    }
    if (!out.row(i).HasHistograms()) return absl::OkStatus();
    return held_[i].emplace(query).Grow(0, LoadOfHistograms(out.row(i)).bytes);
  }));
  if (query.options().collect_statistics) CountQueryable(query, out);
  if (gives_ == Gives::kTimestamp || gives_ == Gives::kStartTimestamp) {
    for (size_t i = 0; i < count; ++i) LoseMetricName(query, out.header(i));
  }
  return true;
}

absl::Status InstantSelector::ReadRow(size_t i, SampleColumns& samples) const {
  if (num_steps() == 1 && windows_.reach_ahead == 0) {
    RETURN_IF_ERROR(series_->ReadNewest(i, samples));
    const bool says_all = !finds_resets_ || samples.histograms.empty() ||
                          samples.histograms[0].counter_reset_hint != CounterResetHint::kUnknown;
    if (says_all) return absl::OkStatus();
  }
  RETURN_IF_ERROR(series_->Read(i, samples));
  if (finds_resets_) FindResetHints(samples.histograms);
  return absl::OkStatus();
}

void InstantSelector::CountQueryable(QueryContext& query, ColumnBatch& out) {
  size_t samples = out.CountSamples();
  for (size_t i = 0; i < out.size(); ++i) samples += LoadOfHistograms(out.row(i)).extra_samples;
  query.CountQueryable(samples);
}

double InstantSelector::ValueOf(const SampleColumns& samples, size_t i) const {
  const auto seconds = [](TimestampMs t) { return static_cast<double>(t) / 1000; };
  switch (gives_) {
    case Gives::kTimestamp:
    case Gives::kTimestampOfInfo:
      return seconds(samples.timestamps[i]);
    case Gives::kStartTimestamp:
      return samples.start_timestamps.empty() ? 0 : seconds(samples.start_timestamps[i]);
    case Gives::kValue:
    case Gives::kSmoothedValue:
      break;
  }
  return samples.values[i];
}

LabelSet InstantSelector::LabelsOf(size_t i) const {
  return kept_labels_ ? series_->KeptLabels(i, *kept_labels_) : series_->labels(i);
}

void InstantSelector::Fill(const SampleColumns& samples, const StepRow& out) const {
  ForEachWindow(samples, windows_, [&](size_t step, size_t, size_t end) {
    if (!IsStaleMarker(samples.values[end - 1])) out.Set(step, ValueOf(samples, end - 1));
  });
}

absl::Status InstantSelector::FillMixed(const SampleColumns& samples, const StepRow& out) const {
  const std::span<const TimestampMs> floats = samples.timestamps;
  const std::span<const TimestampMs> histograms = samples.histograms.timestamps();
  size_t next_float = 0, next_histogram = 0;  // the first of each kind behind the step
  HistogramPtr newest;                        // that of the sample before next_histogram
  for (size_t step = 0; step < num_steps(); ++step) {
    const RangeWindow window = windows_[step];
    while (next_float < floats.size() && floats[next_float] <= window.through) ++next_float;
    for (; next_histogram < histograms.size() && histograms[next_histogram] <= window.through;
         ++next_histogram) {
      newest = nullptr;
    }
    const TimestampMs float_time = next_float == 0 ? kMinTimestamp : floats[next_float - 1];
    if (next_histogram == 0 || histograms[next_histogram - 1] < float_time) {
      if (next_float == 0 || !window.Contains(float_time)) continue;
      if (IsStaleMarker(samples.values[next_float - 1])) continue;
      out.Set(step, ValueOf(samples, next_float - 1));
      continue;
    }
    const TimestampMs time = histograms[next_histogram - 1];
    const HistogramView histogram = samples.histograms[next_histogram - 1];
    if (!window.Contains(time) || IsStaleMarker(histogram.sum)) continue;
    if (gives_ == Gives::kTimestampOfInfo) {
      return absl::FailedPreconditionError("info sample should be float");
    }
    if (gives_ != Gives::kValue) {
      const bool start = gives_ == Gives::kStartTimestamp;
      out.Set(step, static_cast<double>(start ? histogram.start_timestamp : time) / 1000);
      continue;
    }
    if (newest == nullptr) {
      newest = std::make_shared<FloatHistogramSample>(ToFloatHistogram(histogram));
    }
    out.SetHistogram(step, newest);
  }
  return absl::OkStatus();
}

void InstantSelector::FillSmoothed(const SampleColumns& samples, const StepRow& out) const {
  const auto& times = samples.timestamps;
  size_t next = 0;  // the first sample behind the step
  for (size_t step = 0; step < num_steps(); ++step) {
    const RangeWindow window = windows_[step];
    const TimestampMs reach = SaturatingAdd(window.through, windows_.reach_ahead);
    while (next < times.size() && times[next] <= window.through) ++next;
    if (next == 0 || times[next - 1] <= window.after) continue;
    const bool at_sample = times[next - 1] == window.through;
    const bool between = !at_sample && next < times.size() && times[next] <= reach;
    out.Set(step, between ? Interpolate(samples, next - 1, window.through, /*counter=*/false)
                          : samples.values[next - 1]);
  }
}

void InstantSelector::FillSmoothedHistograms(QueryContext& query, const LabelSet& labels,
                                             const SampleColumns& samples,
                                             const StepRow& out) const {
  const HistogramColumns& histograms = samples.histograms;
  const auto times = histograms.timestamps();
  WindowCursor floats(samples.timestamps), within_reach(times);
  RangeNotes notes;
  size_t next = 0;  // the first histogram behind the step
  for (size_t step = 0; step < num_steps(); ++step) {
    const RangeWindow window = windows_[step];
    const RangeWindow reach = {window.after, SaturatingAdd(window.through, windows_.reach_ahead)};
    floats.MoveTo(reach);
    within_reach.MoveTo(reach);
    if (floats.size() > 0 && within_reach.size() > 0) {
      notes.mixed_kinds = true;
      out.Clear(step);
      continue;
    }
    while (next < times.size() && times[next] <= window.through) ++next;
    if (next == 0 || times[next - 1] <= window.after) continue;
    const bool between = next < times.size() && times[next] <= reach.through;
    std::optional<FloatHistogramSample> histogram = ToFloatHistogram(histograms[next - 1]);
    if (between && HasCustomBuckets(*histograms[next - 1].layout) !=
                       HasCustomBuckets(*histograms[next].layout)) {
      histogram.reset();
    } else if (between) {
      const bool counter = histograms[next].counter_reset_hint != CounterResetHint::kGauge;
      histogram = InterpolateHistogram(histograms, next - 1, window.through, counter, notes);
    }
    if (histogram) {
      out.SetHistogram(step, std::make_shared<const FloatHistogramSample>(*std::move(histogram)));
    } else {
      notes.mixed_schemas = true;
    }
  }
  const auto warn = [&](std::string text) {
    AppendForMetric(labels, &text);
    query.Warn(text, source_);
  };
  if (notes.mixed_kinds) warn("encountered a mix of histograms and floats");
  if (notes.mixed_schemas) {
    warn("vector contains a mix of histograms with exponential and custom buckets schemas");
  }
}

}  // namespace tidemark::promql
