#include "promql/exec/table_operators.h"

#include <algorithm>

#include "base/status_macros.h"

namespace tidemark::promql {

absl::StatusOr<bool> TableOperator::Next(QueryContext& query, ColumnBatch& out) {
  if (!result_) {
    result_.emplace(query, num_steps());
    RETURN_IF_ERROR(Build(query, *result_));
  }
  if (next_ == result_->size()) return false;
  RETURN_IF_ERROR(query.CheckCancelled());
  out.Reset(num_steps());
  const size_t end = std::min(result_->size(), next_ + out.max_series());
  for (; next_ < end; ++next_) {
    out.Add(result_->header(next_)).CopyFrom(result_->row(next_));
  }
  return true;
}

absl::StatusOr<bool> StepInvariantOperator::Next(QueryContext& query, ColumnBatch& out) {
  RETURN_IF_ERROR(query.CheckCancelled());
  if (next_ == once_.size()) {
    next_ = 0;
    once_.Reset(1);
    ASSIGN_OR_RETURN(const bool more, input_->Next(query, once_));
    if (!more) return false;
  }
  out.Reset(num_steps());
  for (; next_ < once_.size() && out.size() < out.max_series(); ++next_) {
    const StepRow one = once_.row(next_);
    if (!one.Has(0)) continue;
    const StepRow row = out.Add(std::move(once_.header(next_)));
    if (const HistogramPtr histogram = one.SharedHistogram(0)) {
      for (size_t step = 0; step < num_steps(); ++step) row.SetHistogram(step, histogram);
      continue;
    }
    for (size_t step = 0; step < num_steps(); ++step) row.Set(step, one.values[0]);
  }
  return true;
}

}  // namespace tidemark::promql
