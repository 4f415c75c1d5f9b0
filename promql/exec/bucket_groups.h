#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "promql/exec/operator.h"
#include "promql/exec/series_table.h"
#include "promql/functions/buckets.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// The histograms in a vector: classic ones, where series that differ in `le` only are the buckets
// of one, and native ones.
class BucketGroups {
 public:
  BucketGroups(QueryContext& query, size_t num_steps) : series_(query, num_steps) {}

  // Drives `input` to its end; to be called once. Floats of series without a number in `le` are
  // left out, and so are steps at which a histogram is both classic and native, with warnings for
  // which `source` is where the input stands in the query.
  absl::Status Read(QueryContext& query, Operator& input, SourceRange source);

  size_t size() const { return histograms_.size(); }
  // The labels without `le`; in order of first appearance.
  const SeriesHeader& header(size_t i) const { return histograms_[i].header; }
  bool HasBuckets(size_t i) const { return !histograms_[i].buckets.empty(); }
  bool HasNative(size_t i) const { return histograms_[i].native.has_value(); }
  // Replaces `buckets` by those of histogram `i` that have a value at `step`.
  void BucketsAt(size_t i, size_t step, std::vector<Bucket>& buckets) const;
  // The native histogram at that step; null where there is none.
  const FloatHistogramSample* NativeAt(size_t i, size_t step) const {
    const std::optional<size_t>& row = histograms_[i].native;
    return row ? series_.row(*row).Histogram(step) : nullptr;
  }

 private:
  struct Histogram {
    SeriesHeader header;
    std::vector<std::pair<double, size_t>> buckets;  // upper bound, row of series_
    std::optional<size_t> native;                    // row of series_
  };

  Histogram& HistogramOf(LabelSet labels, bool drop_name);
  void AddBuckets(QueryContext& query, size_t row, SourceRange source);
  void DropMixedSteps(QueryContext& query, const Histogram& histogram, SourceRange source);

  SeriesTable series_;
  std::vector<Histogram> histograms_;
  absl::flat_hash_map<LabelSet, size_t> by_labels_;
};

// " for metric name \"x\"", or nothing where there is no name: how annotations about a histogram
// end.
void AppendForMetric(const LabelSet& labels, std::string* text);

}  // namespace tidemark::promql
