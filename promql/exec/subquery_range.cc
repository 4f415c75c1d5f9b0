#include "promql/exec/subquery_range.h"

namespace tidemark::promql {

absl::Status SubqueryRange::Open(QueryContext& query) {
  if (input_ == nullptr) return absl::OkStatus();
  table_.emplace(query, input_->num_steps());
  return table_->AddAll(query, *input_);
}

absl::Status SubqueryRange::Read(size_t i, SampleColumns& out) const {
  out.clear();
  const StepRow row = table_->row(i);
  row.ForEach([&](size_t step) {
    const TimestampMs time = input_->times().step_time(step);
    if (const FloatHistogramSample* histogram = row.Histogram(step)) {
      // What a hint says of the sample before need not be true of the one at the step before.
      HistogramView view = ViewOf(*histogram);
      if (view.counter_reset_hint != CounterResetHint::kGauge) {
        view.counter_reset_hint = CounterResetHint::kUnknown;
      }
      out.histograms.push_back(time, view);
    } else {
      out.push_back(time, row.values[step]);
    }
  });
  return absl::OkStatus();
}

}  // namespace tidemark::promql
