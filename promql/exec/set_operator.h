#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "promql/exec/operator.h"

namespace tidemark::promql {

// `and`, `or`, `unless`. Of one side nothing is kept but the steps at which each match group has a
// sample; the values of both sides stream through.
class SetOperator : public Operator {
 public:
  // `matching` outlives this.
  SetOperator(BinaryOp op, const VectorMatching& matching, OperatorPtr left, OperatorPtr right);

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  // The steps of a match group that have a sample.
  using Bits = std::vector<uint64_t>;

  absl::Status Collect(QueryContext& query, const LabelSet& labels, const StepRow& row);
  // Keeps the steps at which the row's group was collected, or the others.
  void Restrict(const LabelSet& labels, const StepRow& row, bool to_collected) const;
  absl::StatusOr<bool> NextOfUnion(QueryContext& query, ColumnBatch& out);

  const BinaryOp op_;
  const VectorMatching& matching_;
  const OperatorPtr left_, right_;
  absl::flat_hash_map<LabelSet, Bits> collected_;  // of the left side for `or`, else of the right
  std::optional<MemoryReservation> held_;          // for them; made by the first Next
  bool collected_all_ = false;
};

}  // namespace tidemark::promql
