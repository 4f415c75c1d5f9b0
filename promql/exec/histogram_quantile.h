#pragma once

#include <utility>
#include <vector>

#include "promql/exec/table_operators.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// `histogram_quantile(q, v)` over classic histograms: series that differ in `le` only are the
// buckets of one histogram. Series without a number in `le` are left out, with a warning.
class HistogramQuantile : public TableOperator {
 public:
  // Where the arguments stand in the query is for annotations.
  HistogramQuantile(OperatorPtr quantile, OperatorPtr input, SourceRange quantile_source,
                    SourceRange input_source)
      : TableOperator(input->times()),
        quantile_(std::move(quantile)),
        input_(std::move(input)),
        quantile_source_(quantile_source),
        input_source_(input_source) {}

 private:
  struct Histogram {
    SeriesHeader header;                             // without `le`
    std::vector<std::pair<double, size_t>> buckets;  // upper bound, row of the input
  };

  absl::Status Build(QueryContext& query, SeriesTable& result) override;
  std::vector<Histogram> GroupBuckets(QueryContext& query, const SeriesTable& series) const;
  void WarnOfBound(QueryContext& query, const LabelSet& labels) const;
  // True where counts had to be repaired.
  bool Evaluate(const Histogram& histogram, const SeriesTable& series,
                const std::vector<double>& quantiles, const StepRow& out) const;

  const OperatorPtr quantile_, input_;
  const SourceRange quantile_source_, input_source_;
};

}  // namespace tidemark::promql
