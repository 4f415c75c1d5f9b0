#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "promql/exec/bucket_groups.h"
#include "promql/exec/table_operators.h"
#include "promql/functions/bucket_quantile.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// `histogram_quantile(q, v)` and `histogram_quantiles(v, "label", q...)` over classic and
// native histograms: each gives a series for each quantile, under the label where there is one.
class HistogramQuantile : public TableOperator {
 public:
  // A scalar and where it stands in the query, for annotations.
  struct Quantile {
    OperatorPtr value;
    SourceRange source;
  };
  // `label` empty: no label; one quantile then.
  HistogramQuantile(std::vector<Quantile> quantiles, std::string label, OperatorPtr input,
                    SourceRange input_source)
      : TableOperator(input->times()),
        quantiles_(std::move(quantiles)),
        label_(std::move(label)),
        input_(std::move(input)),
        input_source_(input_source) {}

 private:
  // What was repaired, by the text that tells of it.
  struct Repaired {
    MonotonicityRepairs repairs;
    TimestampMs first = 0, last = 0;
  };

  absl::Status Build(QueryContext& query, SeriesTable& result) override;
  absl::Status AddQuantiles(QueryContext& query, const BucketGroups& groups, size_t histogram,
                            SeriesTable& result);
  void Evaluate(const BucketGroups& groups, size_t histogram, Repaired& repaired);
  void EvaluateNative(QueryContext& query, const BucketGroups& groups, size_t histogram);
  absl::Status AddRows(QueryContext& query, const SeriesHeader& header, size_t quantile,
                       SeriesTable& result);
  std::string RepairText(const QueryContext& query, const LabelSet& labels) const;
  void Inform(QueryContext& query, const std::string& text, const Repaired& repaired) const;

  const std::vector<Quantile> quantiles_;
  const std::string label_;
  const OperatorPtr input_;
  const SourceRange input_source_;
  std::vector<std::vector<double>> values_;  // [quantile][step]
  ColumnBatch results_;                      // of one histogram, a row for each quantile
  ColumnBatch part_;                         // of one row, the steps of one quantile value
  std::map<std::string, Repaired> repaired_;
};

}  // namespace tidemark::promql
