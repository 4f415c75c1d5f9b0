#pragma once

#include <utility>
#include <vector>

#include "promql/exec/grouping.h"
#include "promql/exec/table_operators.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// `topk(k, v)`, `bottomk(k, v)`: at each step the k series of each group with the greatest or least
// values, NaN chosen last; histograms are ignored, with an annotation. Series keep their labels. In
// an instant query they come best first, group by group.
//   FailedPrecondition  k is NaN or does not fit an integer
class TopK : public TableOperator {
 public:
  // `source`: where all of it stands in the query.
  TopK(bool greatest, Grouping grouping, OperatorPtr k, OperatorPtr input, SourceRange source)
      : TableOperator(input->times()),
        greatest_(greatest),
        grouping_(std::move(grouping)),
        k_(std::move(k)),
        input_(std::move(input)),
        source_(source) {}

 private:
  absl::Status Build(QueryContext& query, SeriesTable& result) override;
  void DropHistograms(QueryContext& query, const std::vector<size_t>& k, SeriesTable& series) const;
  // The rows of `group` that have a value at `step`, the best `k` of them, best first.
  std::vector<size_t> Best(const SeriesTable& series, const std::vector<size_t>& group, size_t step,
                           size_t k) const;

  const bool greatest_;
  const Grouping grouping_;
  const OperatorPtr k_, input_;
  const SourceRange source_;
};

}  // namespace tidemark::promql
