#pragma once

#include <string_view>
#include <utility>

#include "base/model/histogram_columns.h"
#include "promql/exec/operator.h"

namespace tidemark::promql {

// A number that each native histogram has; null where `name` is not one of histogram_count,
// histogram_sum, histogram_avg, histogram_stddev and histogram_stdvar.
using HistogramValue = double (*)(const HistogramView& histogram);
HistogramValue FindHistogramValue(std::string_view name);

// That of each histogram by itself. Floats go, as does the metric's name.
class HistogramValueOperator : public Operator {
 public:
  HistogramValueOperator(HistogramValue value, OperatorPtr input)
      : Operator(input->times()), value_(value), input_(std::move(input)) {}

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const HistogramValue value_;
  const OperatorPtr input_;
};

}  // namespace tidemark::promql
