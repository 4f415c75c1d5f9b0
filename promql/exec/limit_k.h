#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "promql/exec/grouping.h"
#include "promql/exec/operator.h"

namespace tidemark::promql {

// `limitk(k, v)`: at each step the first k series of each group that have a value there, as they
// come. Series keep their labels. The input streams; memory is groups x steps.
//   FailedPrecondition  k is NaN or does not fit an integer
class LimitK : public Operator {
 public:
  LimitK(Grouping grouping, OperatorPtr k, OperatorPtr input)
      : Operator(input->times()),
        grouping_(std::move(grouping)),
        k_(std::move(k)),
        input_(std::move(input)) {}

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  using Counts = std::vector<size_t>;  // one per step
  absl::Status Open(QueryContext& query);

  const Grouping grouping_;
  const OperatorPtr k_, input_;
  std::optional<MemoryReservation> held_;  // made by the first Next, as limits_ is
  Counts limits_;
  absl::flat_hash_map<LabelSet, Counts> given_;  // by the labels of the group
};

}  // namespace tidemark::promql
