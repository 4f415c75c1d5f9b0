#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "promql/exec/binary_function.h"
#include "promql/exec/histogram_binary.h"
#include "promql/exec/operator.h"

namespace tidemark::promql {

// An operator between two scalars; comparisons give 0 or 1.
class ScalarBinary : public Operator {
 public:
  ScalarBinary(BinaryOp op, OperatorPtr left, OperatorPtr right)
      : Operator(left->times()), op_(op), left_(std::move(left)), right_(std::move(right)) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const BinaryOp op_;
  const OperatorPtr left_, right_;
  bool done_ = false;
};

// An operator between a vector and a scalar, which may stand on either side. A comparison without
// `bool` keeps the vector's samples for which it holds, as they are; all else but trimming loses
// the metric's name.
class VectorScalarBinary : public Operator {
 public:
  // `source`: where it stands in the query.
  VectorScalarBinary(BinaryRule rule, OperatorPtr vector, OperatorPtr scalar, bool scalar_is_left,
                     SourceRange source)
      : Operator(vector->times()),
        rule_(rule),
        histograms_(rule, source),
        vector_(std::move(vector)),
        scalar_(std::move(scalar)),
        scalar_is_left_(scalar_is_left) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  void Apply(const StepRow& row) const;
  // The same where there are histograms, or none are where there should be.
  void ApplyToHistograms(QueryContext& query, const StepRow& row);

  const BinaryRule rule_;
  HistogramBinary histograms_;
  const OperatorPtr vector_, scalar_;
  const bool scalar_is_left_;
  std::optional<std::vector<double>> scalar_values_;  // per step, read by the first Next
};

}  // namespace tidemark::promql
