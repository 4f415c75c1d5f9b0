#include "promql/exec/instant_selector.h"

#include <algorithm>

#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "promql/exec/metric_name.h"
#include "promql/exec/parallel_rows.h"
#include "promql/exec/stored_range.h"
#include "promql/functions/extended_windows.h"

namespace tidemark::promql {

absl::StatusOr<bool> InstantSelector::Next(QueryContext& query, ColumnBatch& out) {
  if (next_ == series_->size()) return false;
  out.Reset(num_steps());
  const size_t first = next_;
  next_ = std::min(series_->size(), first + out.max_series());
  const size_t count = next_ - first;
  for (size_t i = 0; i < count; ++i) out.Add({LabelsOf(first + i)});
  RETURN_IF_ERROR(ForEachRowInParallel(query, count, [&](size_t i) {
    thread_local SampleColumns samples;  // so that the steady state allocates nothing
    const bool newest_only = num_steps() == 1 && windows_.reach_ahead == 0;
    RETURN_IF_ERROR(newest_only ? series_->ReadNewest(first + i, samples)
                                : series_->Read(first + i, samples));
    MemoryReservation held(query);
    RETURN_IF_ERROR(held.GrowBy(samples));
    if (gives_ == Gives::kSmoothedValue) {
      DropStaleMarkers(samples);
      FillSmoothed(samples, out.row(i));
    } else {
      Fill(samples, out.row(i));
    }
    return absl::OkStatus();
  }));
  if (query.options().collect_statistics) query.CountQueryable(out.CountSamples());
  if (gives_ == Gives::kTimestamp || gives_ == Gives::kStartTimestamp) {
    for (size_t i = 0; i < count; ++i) LoseMetricName(query, out.header(i));
  }
  return true;
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

}  // namespace tidemark::promql
