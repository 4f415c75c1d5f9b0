#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "promql/exec/operator.h"
#include "promql/exec/series_table.h"

namespace tidemark::promql {

// An operator that must see all of its input before it can give anything.
class TableOperator : public Operator {
 public:
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) final;

 protected:
  using Operator::Operator;
  // Everything this operator gives; called once.
  virtual absl::Status Build(QueryContext& query, SeriesTable& result) = 0;

 private:
  std::optional<SeriesTable> result_;
  size_t next_ = 0;
};

// Brings series together whose labels are equal, after something that takes labels away.
class MergeOperator : public TableOperator {
 public:
  explicit MergeOperator(OperatorPtr input)
      : TableOperator(input->times()), input_(std::move(input)) {}

 private:
  absl::Status Build(QueryContext& query, SeriesTable& result) override {
    return result.AddAll(query, *input_);
  }
  const OperatorPtr input_;
};

// What does not depend on the step, evaluated once, at every step.
class StepInvariantOperator : public Operator {
 public:
  // `input` has one step.
  StepInvariantOperator(const EvalTimes& times, OperatorPtr input)
      : Operator(times), input_(std::move(input)) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const OperatorPtr input_;
  ColumnBatch once_;
  size_t next_ = 0;  // the first series of once_ that has not been given
};

}  // namespace tidemark::promql
