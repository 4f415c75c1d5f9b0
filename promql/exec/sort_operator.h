#pragma once

#include <utility>

#include "promql/exec/table_operators.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// `sort(v)`, `sort_desc(v)`: series by their value, NaN last; histograms go. Only an instant query
// has an order, so over several steps this warns and leaves the series as they come.
class SortOperator : public TableOperator {
 public:
  SortOperator(OperatorPtr input, bool descending, SourceRange source)
      : TableOperator(input->times()),
        input_(std::move(input)),
        descending_(descending),
        source_(source) {}

 private:
  absl::Status Build(QueryContext& query, SeriesTable& result) override;

  const OperatorPtr input_;
  const bool descending_;
  const SourceRange source_;
};

// True where `a` comes before `b` in ascending or descending order; NaN comes last in either.
bool SortsBefore(double a, double b, bool descending);
// Says that the sort at `source` has no effect over several steps.
void WarnOfSort(QueryContext& query, SourceRange source);

}  // namespace tidemark::promql
