#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "promql/exec/operator.h"
#include "promql/exec/range_source.h"
#include "promql/functions/range_function.h"

namespace tidemark::promql {

// `rate(m[5m])` and its like: a function of the samples in each window of each series. The series
// of a batch are read and evaluated in parallel.
class RangeFunctionOperator : public Operator {
 public:
  // `parameters`: scalars, in the order of the function's other arguments. The sources are where
  // the range argument and the first of the others stand in the query, for annotations.
  RangeFunctionOperator(const RangeFunction& function, RangeSourcePtr input,
                        std::vector<OperatorPtr> parameters, SourceRange range_source,
                        SourceRange parameter_source);

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  absl::Status Open(QueryContext& query);
  size_t SeriesInBatch(const ColumnBatch& out) const;
  void FindBadParameters();
  absl::Status CheckParameters(const SampleColumns& samples) const;
  void WarnOfUsedQuantiles(QueryContext& query, const StepRow& used);
  absl::Status Evaluate(QueryContext& query, size_t series, const StepRow& out) const;
  // Whether the result could be had of the totals of the one window.
  absl::StatusOr<bool> EvaluateTotals(QueryContext& query, size_t series, const StepRow& out) const;
  void Annotate(QueryContext& query, std::string_view metric_name) const;
  void AnnotateHistograms(QueryContext& query, const RangeNotes& notes,
                          const LabelSet& labels) const;
  void WarnOfOverlap(QueryContext& query, std::string_view metric_name) const;

  const RangeFunction& function_;
  const RangeSourcePtr input_;
  const std::vector<OperatorPtr> parameters_;
  const SourceRange range_source_, parameter_source_;
  bool open_ = false;
  size_t next_ = 0;
  bool may_have_histograms_ = true;                    // the next batch, as the last one had
  std::vector<std::vector<double>> parameter_values_;  // [parameter][step]
  // Steps at which the parameters deserve an error or a warning; empty where there are none.
  std::vector<uint64_t> bad_parameters_;
};

}  // namespace tidemark::promql
