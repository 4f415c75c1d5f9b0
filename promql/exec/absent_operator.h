#pragma once

#include <utility>

#include "promql/exec/operator.h"

namespace tidemark::promql {

// `absent(v)`: 1 with the given labels at the steps where the vector is empty.
class AbsentOperator : public Operator {
 public:
  AbsentOperator(OperatorPtr input, LabelSet labels)
      : Operator(input->times()), input_(std::move(input)), labels_(std::move(labels)) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const OperatorPtr input_;
  const LabelSet labels_;
  bool done_ = false;
};

}  // namespace tidemark::promql
