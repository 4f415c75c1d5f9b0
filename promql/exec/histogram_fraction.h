#pragma once

#include <utility>
#include <vector>

#include "promql/exec/bucket_groups.h"
#include "promql/exec/table_operators.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// `histogram_fraction(lower, upper, v)` over classic and native histograms.
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

  void EvaluateNative(QueryContext& query, const BucketGroups& groups, size_t histogram,
                      const StepRow& out) const;

  const OperatorPtr lower_, upper_, input_;
  const SourceRange source_;
  std::vector<double> lower_values_, upper_values_;  // [step]
};

}  // namespace tidemark::promql
