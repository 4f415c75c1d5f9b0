#pragma once

#include <utility>

#include "promql/exec/bucket_groups.h"
#include "promql/exec/table_operators.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// `histogram_fraction(lower, upper, v)` over classic histograms.
class HistogramFraction : public TableOperator {
 public:
  // `source`: where the input stands in the query, for annotations.
  HistogramFraction(OperatorPtr lower, OperatorPtr upper, OperatorPtr input, SourceRange source)
      : TableOperator(input->times()),
        lower_(std::move(lower)),
        upper_(std::move(upper)),
        input_(std::move(input)),
        source_(source) {}

 private:
  absl::Status Build(QueryContext& query, SeriesTable& result) override;

  const OperatorPtr lower_, upper_, input_;
  const SourceRange source_;
};

}  // namespace tidemark::promql
