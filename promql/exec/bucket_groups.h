#pragma once

#include <utility>
#include <vector>

#include "promql/exec/operator.h"
#include "promql/exec/series_table.h"
#include "promql/functions/buckets.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// The classic histograms in a vector: series that differ in `le` only are the buckets of one.
class BucketGroups {
 public:
  BucketGroups(QueryContext& query, size_t num_steps) : series_(query, num_steps) {}

  // Drives `input` to its end; to be called once. Series without a number in `le` are left out,
  // with a warning for which `source` is where the input stands in the query.
  absl::Status Read(QueryContext& query, Operator& input, SourceRange source);

  size_t size() const { return histograms_.size(); }
  // The labels without `le`; in order of first appearance.
  const SeriesHeader& header(size_t i) const { return histograms_[i].header; }
  // Replaces `buckets` by those of histogram `i` that have a value at `step`.
  void BucketsAt(size_t i, size_t step, std::vector<Bucket>& buckets) const;

 private:
  struct Histogram {
    SeriesHeader header;
    std::vector<std::pair<double, size_t>> buckets;  // upper bound, row of series_
  };

  SeriesTable series_;
  std::vector<Histogram> histograms_;
};

// " for metric name \"x\"", or nothing where there is no name: how annotations about a histogram
// end.
void AppendForMetric(const LabelSet& labels, std::string* text);

}  // namespace tidemark::promql
