#include "promql/exec/instant_selector.h"

#include <algorithm>

#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "promql/exec/metric_name.h"
#include "promql/exec/parallel_rows.h"

namespace tidemark::promql {

absl::StatusOr<bool> InstantSelector::Next(QueryContext& query, ColumnBatch& out) {
  if (next_ == series_->size()) return false;
  out.Reset(num_steps());
  const size_t first = next_;
  next_ = std::min(series_->size(), first + out.max_series());
  const size_t count = next_ - first;
  for (size_t i = 0; i < count; ++i) out.Add({series_->labels(first + i)});
  scratch_.resize(std::max(scratch_.size(), NumSlices(count)));
  RETURN_IF_ERROR(ForEachRowInParallel(query, count, [&](size_t slice, size_t i) {
    SampleColumns& samples = scratch_[slice];
    RETURN_IF_ERROR(series_->Read(first + i, samples));
    SampleReservation held(query);
    RETURN_IF_ERROR(held.Grow(samples.size()));
    Fill(samples, out.row(i));
    return absl::OkStatus();
  }));
  if (gives_ == Gives::kTimestamp) {
    for (size_t i = 0; i < count; ++i) LoseMetricName(query, out.header(i));
  }
  return true;
}

void InstantSelector::Fill(const SampleColumns& samples, const StepRow& out) const {
  ForEachWindow(samples, windows_, [&](size_t step, size_t, size_t end) {
    const double value = samples.values[end - 1];
    if (IsStaleMarker(value)) return;
    const bool as_time = gives_ == Gives::kTimestamp;
    out.Set(step, as_time ? static_cast<double>(samples.timestamps[end - 1]) / 1000 : value);
  });
}

}  // namespace tidemark::promql
