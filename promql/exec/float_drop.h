#pragma once

#include <utility>

#include "promql/exec/operator.h"

namespace tidemark::promql {

// What has nothing to say of the floats that an expression gives, such as functions of native
// histograms: evaluates its input, for the errors and annotations of that, and gives nothing.
class FloatDrop : public Operator {
 public:
  explicit FloatDrop(OperatorPtr input) : Operator(input->times()), input_(std::move(input)) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const OperatorPtr input_;
};

}  // namespace tidemark::promql
