#include "promql/exec/limit_k.h"

#include "base/status_macros.h"
#include "promql/exec/count_parameter.h"

namespace tidemark::promql {

absl::Status LimitK::Open(QueryContext& query) {
  held_.emplace(query);
  ASSIGN_OR_RETURN(const std::vector<double> k, ReadScalar(query, *k_));
  absl::StatusOr<Counts> limits = CountsOf(k);
  if (!limits.ok()) return LeftmostError(query, *input_, limits.status());
  limits_ = *std::move(limits);
  return absl::OkStatus();
}

absl::StatusOr<bool> LimitK::Next(QueryContext& query, ColumnBatch& out) {
  if (!held_) RETURN_IF_ERROR(Open(query));
  ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
  if (!more) return false;
  RETURN_IF_ERROR(query.CheckCancelled());
  for (size_t i = 0; i < out.size(); ++i) {
    LabelSet group = grouping_.GroupOf(out.header(i).labels);
    const size_t label_bytes = group.bytes().size();
    Counts& given = given_[std::move(group)];
    if (given.empty()) {
      RETURN_IF_ERROR(held_->Grow(0, num_steps() * sizeof(size_t) + label_bytes));
      given.resize(num_steps());
    }
    const StepRow row = out.row(i);
    row.ForEach([&](size_t step) {
      if (given[step] < limits_[step]) {
        ++given[step];
      } else {
        row.Clear(step);
      }
    });
  }
  return true;
}

}  // namespace tidemark::promql
