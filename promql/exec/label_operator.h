#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "promql/exec/operator.h"

namespace tidemark::promql {

// How label_replace or label_join changes the labels of a series: it sets one of them.
struct LabelChange {
  std::string destination;
  // Sets `destination` in `labels`, which are those of the series; false where it leaves them
  // alone.
  std::function<bool(LabelSetBuilder& labels)> apply;
  // How often, at most, what it is made of may be in it, and how many bytes are put between.
  size_t copies = 0, extra_bytes = 0;
};

// Changes the labels of each series.
//   ResourceExhausted  labels would grow beyond the memory of the query
class LabelOperator : public Operator {
 public:
  LabelOperator(OperatorPtr input, LabelChange change)
      : Operator(input->times()), input_(std::move(input)), change_(std::move(change)) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const OperatorPtr input_;
  const LabelChange change_;
  LabelSetBuilder builder_;
  std::optional<MemoryReservation> held_;  // for the labels of a batch
};

}  // namespace tidemark::promql
