#pragma once

#include <utility>
#include <vector>

#include "promql/exec/operator.h"

namespace tidemark::promql {

// Known values, one per step: a number, time().
class StepValues : public Operator {
 public:
  StepValues(const EvalTimes& times, std::vector<double> values)
      : Operator(times), values_(std::move(values)) {}
  static OperatorPtr Constant(const EvalTimes& times, double value);
  static OperatorPtr Time(const EvalTimes& times);  // the steps' times in seconds

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const std::vector<double> values_;
  bool done_ = false;
};

// `scalar(v)`: at each step the one float of the vector, NaN where it has none or several.
class ScalarOfVector : public Operator {
 public:
  explicit ScalarOfVector(OperatorPtr input) : Operator(input->times()), input_(std::move(input)) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const OperatorPtr input_;
  bool done_ = false;
};

}  // namespace tidemark::promql
