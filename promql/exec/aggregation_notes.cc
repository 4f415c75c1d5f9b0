#include "promql/exec/aggregation_notes.h"

#include "base/strings.h"

namespace tidemark::promql {

void AggregationNotes::NoteOtherBuckets(std::string_view metric_name) {
  const absl::MutexLock lock(&mu_);
  if (!other_buckets_.contains(metric_name)) other_buckets_.emplace(metric_name);
}

void AggregationNotes::Tell(QueryContext& query, std::string_view op, SourceRange input) const {
  if (ignored_) InformOfIgnoredHistogram(query, op, input);
  if (mixed_) query.Warn("encountered a mix of histograms and floats for aggregation", input);
  if (conflicting_resets_) {
    query.Warn("conflicting counter resets during histogram aggregation", input);
  }
  if (reconciled_bounds_) {
    query.Inform("mismatched custom buckets were reconciled during aggregation", input);
  }
  const absl::MutexLock lock(&mu_);
  for (const std::string& metric_name : other_buckets_) {
    std::string text =
        "vector contains a mix of histograms with exponential and custom buckets schemas for "
        "metric name ";
    AppendQuoted(metric_name, &text);
    query.Warn(text, input);
  }
}

void InformOfIgnoredHistogram(QueryContext& query, std::string_view op, SourceRange source) {
  query.Inform(StrCat("ignored histogram in ", op, " aggregation"), source);
}

}  // namespace tidemark::promql
