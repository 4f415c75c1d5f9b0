#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "promql/exec/aggregation_notes.h"
#include "promql/exec/column_batch.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// What an aggregation keeps of one group: per step a few numbers, or a histogram, whatever the
// number of series.
class GroupAccumulator {
 public:
  virtual ~GroupAccumulator() = default;
  // To be called before a series that has histograms is folded in.
  virtual void ExpectHistograms() {}
  // Takes in the samples of one more series of the group, those at the steps of the words
  // [begin, end) of StepRow::present. Threads may do so at once for different steps. The metric's
  // name matters where the row has histograms.
  virtual void Fold(const StepRow& row, std::string_view metric_name, size_t begin, size_t end) = 0;
  // The memory that histograms took since this was last asked.
  virtual size_t TakeGrownBytes() { return 0; }
  // Sets the steps of `out`, which is empty, at which any series had a sample that counts.
  virtual void Finish(const StepRow& out) const = 0;
};

// Null for an operator that is not one number per group and step: topk, quantile, count_values, ...
// `notes` outlives the accumulator.
std::unique_ptr<GroupAccumulator> MakeGroupAccumulator(AggregateOp op, size_t num_steps,
                                                       AggregationNotes& notes);

}  // namespace tidemark::promql
