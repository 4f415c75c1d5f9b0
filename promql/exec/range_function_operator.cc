#include "promql/exec/range_function_operator.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/metric_name.h"
#include "promql/exec/parallel_rows.h"
#include "promql/exec/quantile_warning.h"

namespace tidemark::promql {
namespace {

bool LooksLikeCounter(std::string_view metric_name) {
  return metric_name.ends_with("_total") || metric_name.ends_with("_sum") ||
         metric_name.ends_with("_count") || metric_name.ends_with("_bucket");
}

}  // namespace

RangeFunctionOperator::RangeFunctionOperator(const RangeFunction& function, RangeSourcePtr input,
                                             std::vector<OperatorPtr> parameters,
                                             SourceRange range_source, SourceRange parameter_source)
    : Operator(input->windows().times),
      function_(function),
      input_(std::move(input)),
      parameters_(std::move(parameters)),
      range_source_(range_source),
      parameter_source_(parameter_source) {}

absl::Status RangeFunctionOperator::Open(QueryContext& query) {
  open_ = true;
  for (const OperatorPtr& parameter : parameters_) {
    ASSIGN_OR_RETURN(parameter_values_.emplace_back(), ReadScalar(query, *parameter));
  }
  if (function_.check_parameters != nullptr) {
    RETURN_IF_ERROR(function_.check_parameters(parameter_values_));
  }
  if (function_.takes_quantile) WarnOfQuantiles(query, parameter_values_[0], parameter_source_);
  return input_->Open(query);
}

absl::StatusOr<bool> RangeFunctionOperator::Next(QueryContext& query, ColumnBatch& out) {
  if (!open_) RETURN_IF_ERROR(Open(query));
  if (next_ == input_->size()) return false;
  out.Reset(num_steps());
  const size_t first = next_;
  next_ = std::min(input_->size(), first + out.max_series());
  const size_t count = next_ - first;
  for (size_t i = 0; i < count; ++i) out.Add(input_->header(first + i));
  scratch_.resize(std::max(scratch_.size(), NumSlices(count)));
  RETURN_IF_ERROR(ForEachRowInParallel(query, count, [&](size_t slice, size_t i) {
    return Evaluate(query, first + i, scratch_[slice], out.row(i));
  }));
  for (size_t i = 0; i < count; ++i) {
    if (function_.expects_counter && !out.row(i).Empty()) {
      Annotate(query, out.header(i).labels.metric_name());
    }
    if (!function_.keeps_metric_name) LoseMetricName(query, out.header(i));
  }
  return true;
}

absl::Status RangeFunctionOperator::Evaluate(QueryContext& query, size_t series,
                                             SampleColumns& samples, const StepRow& out) const {
  RETURN_IF_ERROR(input_->Read(series, samples));
  SampleReservation held(query);
  RETURN_IF_ERROR(held.Grow(samples.size()));
  function_.evaluate({samples, input_->windows(), parameter_values_, &query}, out);
  return query.CheckCancelled();
}

void RangeFunctionOperator::Annotate(QueryContext& query, std::string_view metric_name) const {
  if (metric_name.empty() || LooksLikeCounter(metric_name)) return;
  std::string text =
      "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ";
  AppendQuoted(metric_name, &text);
  query.Inform(text, range_source_);
}

}  // namespace tidemark::promql
