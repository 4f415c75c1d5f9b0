#pragma once

#include <utility>
#include <vector>

#include "promql/exec/grouping.h"
#include "promql/exec/table_operators.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// `quantile by (job) (q, v)`: at each step the q-quantile of each group's values, q being that of
// the step; histograms are ignored, with an annotation. Memory is that of the input. Warns of a q
// outside [0, 1].
class QuantileAggregation : public TableOperator {
 public:
  // `quantile_source`, `input_source`: where they stand in the query.
  QuantileAggregation(Grouping grouping, OperatorPtr quantile, OperatorPtr input,
                      SourceRange quantile_source, SourceRange input_source)
      : TableOperator(input->times()),
        grouping_(std::move(grouping)),
        quantile_(std::move(quantile)),
        input_(std::move(input)),
        quantile_source_(quantile_source),
        input_source_(input_source) {}

 private:
  absl::Status Build(QueryContext& query, SeriesTable& result) override;
  void Warn(QueryContext& query, const std::vector<double>& quantiles) const;

  const Grouping grouping_;
  const OperatorPtr quantile_, input_;
  const SourceRange quantile_source_, input_source_;
};

}  // namespace tidemark::promql
