#pragma once

#include <utility>

#include "promql/exec/operator.h"

namespace tidemark::promql {

// `min_of(a, b)`, `max_of(a, b)` of two scalars; NaN where either is.
class ScalarExtreme : public Operator {
 public:
  enum class Which { kLeast, kGreatest };
  ScalarExtreme(Which which, OperatorPtr left, OperatorPtr right)
      : Operator(left->times()), which_(which), left_(std::move(left)), right_(std::move(right)) {}

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const Which which_;
  const OperatorPtr left_, right_;
  bool done_ = false;
};

}  // namespace tidemark::promql
