#include "promql/exec/scalar_binary.h"

#include <type_traits>

#include "base/status_macros.h"
#include "promql/exec/metric_name.h"

namespace tidemark::promql {

absl::StatusOr<bool> ScalarBinary::Next(QueryContext& query, ColumnBatch& out) {
  if (std::exchange(done_, true)) return false;
  ASSIGN_OR_RETURN(const std::vector<double> left, ReadScalar(query, *left_));
  ASSIGN_OR_RETURN(const std::vector<double> right, ReadScalar(query, *right_));
  out.Reset(num_steps());
  const StepRow row = out.Add({});
  WithBinaryFunction(op_, [&](auto function) {
    for (size_t step = 0; step < left.size(); ++step) {
      row.Set(step, function(left[step], right[step]));
    }
  });
  return true;
}

absl::StatusOr<bool> VectorScalarBinary::Next(QueryContext& query, ColumnBatch& out) {
  if (!scalar_values_) {
    absl::StatusOr<std::vector<double>> scalar = ReadScalar(query, *scalar_);
    if (!scalar.ok() && !scalar_is_left_) {
      return LeftmostError(query, *vector_, scalar.status());
    }
    ASSIGN_OR_RETURN(scalar_values_, std::move(scalar));
  }
  ASSIGN_OR_RETURN(const bool more, vector_->Next(query, out));
  if (!more) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    const StepRow row = out.row(i);
    if (row.HasHistograms() || IsTrim(rule_.op)) ApplyToHistograms(query, row);
    if (!IsTrim(rule_.op)) Apply(row);
    if (!rule_.KeepsMetricName()) LoseMetricName(query, out.header(i));
  }
  return true;
}

void VectorScalarBinary::Apply(const StepRow& row) const {
  const bool mixed = row.HasHistograms();
  WithBinaryFunction(rule_.op, [&](auto function) {
    row.ForEach([&](size_t step) {
      if (mixed && row.HasHistogram(step)) return;
      const double vector = row.values[step], scalar = (*scalar_values_)[step];
      const auto result = scalar_is_left_ ? function(scalar, vector) : function(vector, scalar);
      if (!rule_.IsFilter()) {
        row.values[step] = result;
      } else if (!result) {
        row.Clear(step);
      }
    });
  });
}

void VectorScalarBinary::ApplyToHistograms(QueryContext& query, const StepRow& row) {
  row.ForEach([&](size_t step) {
    const HistogramBinary::Operand vector(row, step), scalar((*scalar_values_)[step]);
    if (!histograms_.IsFor(vector, scalar)) return;
    histograms_.Evaluate(query, scalar_is_left_ ? scalar : vector,
                         scalar_is_left_ ? vector : scalar, row, step);
  });
}

}  // namespace tidemark::promql
