#include "promql/exec/element_operator.h"

#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "promql/exec/metric_name.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {

absl::StatusOr<bool> ElementOperator::Next(QueryContext& query, ColumnBatch& out) {
  for (const OperatorPtr& parameter : std::exchange(parameters_, {})) {
    absl::StatusOr<std::vector<double>> values = ReadScalar(query, *parameter);
    if (!values.ok()) return LeftmostError(query, *input_, values.status());
    parameter_values_.push_back(*std::move(values));
  }
  ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
  if (!more) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    out.row(i).DropHistograms();
    function_.evaluate(out.row(i), parameter_values_);
    LoseMetricName(query, out.header(i));
  }
  return true;
}

namespace {

void NegateHistograms(const StepRow& row) {
  HistogramPtr before, negated;
  for (HistogramPtr& histogram : **row.histograms) {
    if (histogram == nullptr) continue;
    if (histogram != before) {
      before = histogram;
      FloatHistogramSample copy = *histogram;
      Multiply(-1, copy);
      negated = std::make_shared<const FloatHistogramSample>(std::move(copy));
    }
    histogram = negated;
  }
}

}  // namespace

absl::StatusOr<bool> NegateOperator::Next(QueryContext& query, ColumnBatch& out) {
  ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
  if (!more) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    const StepRow row = out.row(i);
    for (double& value : row.values) value = -value;  // absent steps stay absent
    if (row.HasHistograms()) NegateHistograms(row);
    LoseMetricName(query, out.header(i));
  }
  return true;
}

absl::StatusOr<bool> EvaluationTimeOperator::Next(QueryContext& query, ColumnBatch& out) {
  ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
  if (!more) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    const StepRow row = out.row(i);
    row.histograms->reset();
    row.ForEach([&](size_t step) {
      row.values[step] = static_cast<double>(times().step_time(step)) / 1000;
    });
    LoseMetricName(query, out.header(i));
  }
  return true;
}

}  // namespace tidemark::promql
