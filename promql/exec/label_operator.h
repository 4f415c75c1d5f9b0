#pragma once

#include <functional>
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
};

// Changes the labels of each series.
class LabelOperator : public Operator {
 public:
  LabelOperator(OperatorPtr input, LabelChange change)
      : Operator(input->times()), input_(std::move(input)), change_(std::move(change)) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const OperatorPtr input_;
  const LabelChange change_;
  LabelSetBuilder builder_;
};

}  // namespace tidemark::promql
