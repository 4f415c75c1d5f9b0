#pragma once

#include <utility>
#include <vector>

#include "promql/exec/operator.h"
#include "promql/functions/element_function.h"

namespace tidemark::promql {

// A function of each float by itself; histograms go, as does the metric's name.
class ElementOperator : public Operator {
 public:
  // `parameters`: scalars, in the order of the function's arguments after the vector.
  ElementOperator(const ElementFunction& function, OperatorPtr input,
                  std::vector<OperatorPtr> parameters)
      : Operator(input->times()),
        function_(function),
        input_(std::move(input)),
        parameters_(std::move(parameters)) {}

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const ElementFunction& function_;
  const OperatorPtr input_;
  std::vector<OperatorPtr> parameters_;                // read and dropped by the first Next
  std::vector<std::vector<double>> parameter_values_;  // [parameter][step]
};

// Unary minus. The metric's name goes.
class NegateOperator : public Operator {
 public:
  explicit NegateOperator(OperatorPtr input) : Operator(input->times()), input_(std::move(input)) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const OperatorPtr input_;
};

// `timestamp(v)` of what is not a selector: the time of evaluation, in seconds, for each sample.
class EvaluationTimeOperator : public Operator {
 public:
  explicit EvaluationTimeOperator(OperatorPtr input)
      : Operator(input->times()), input_(std::move(input)) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const OperatorPtr input_;
};

}  // namespace tidemark::promql
