#pragma once

#include <cstddef>
#include <memory>

#include "promql/exec/column_batch.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// What an aggregation keeps of one group: per step a few numbers, whatever the number of series.
class GroupAccumulator {
 public:
  virtual ~GroupAccumulator() = default;
  // Takes in the values of one more series of the group, those at the steps of the words
  // [begin, end) of StepRow::present. Threads may do so at once for different steps.
  virtual void Fold(const StepRow& row, size_t begin, size_t end) = 0;
  // Sets the steps of `out`, which is empty, at which any series had a value.
  virtual void Finish(const StepRow& out) const = 0;
};

// Null for an operator that is not one number per group and step: topk, quantile, count_values, ...
std::unique_ptr<GroupAccumulator> MakeGroupAccumulator(AggregateOp op, size_t num_steps);

}  // namespace tidemark::promql
