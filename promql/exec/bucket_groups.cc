#include "promql/exec/bucket_groups.h"

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"

#include "base/model/float_format.h"
#include "base/status_macros.h"

namespace tidemark::promql {
namespace {

constexpr std::string_view kBucketBound = "le";

void WarnOfBound(QueryContext& query, const LabelSet& labels, SourceRange source) {
  std::string text = "bucket label \"le\" is missing or has a malformed value of ";
  AppendQuoted(labels.Get(kBucketBound), &text);
  AppendForMetric(labels, &text);
  query.Warn(text, source);
}

}  // namespace

absl::Status BucketGroups::Read(QueryContext& query, Operator& input, SourceRange source) {
  RETURN_IF_ERROR(series_.AddAll(query, input));
  absl::flat_hash_map<LabelSet, size_t> by_labels;
  LabelSetBuilder builder;
  for (size_t i = 0; i < series_.size(); ++i) {
    const SeriesHeader& series = series_.header(i);
    const std::optional<double> bound = ParseFloat(series.labels.Get(kBucketBound));
    if (!bound) {
      WarnOfBound(query, series.labels, source);
      continue;
    }
    builder.Reset(series.labels);
    builder.Delete(kBucketBound);
    LabelSet labels = builder.Build();
    const auto [found, added] = by_labels.try_emplace(labels, histograms_.size());
    if (added) histograms_.push_back({{std::move(labels), series.drop_name}, {}});
    histograms_[found->second].buckets.emplace_back(*bound, i);
  }
  return absl::OkStatus();
}

void BucketGroups::BucketsAt(size_t i, size_t step, std::vector<Bucket>& buckets) const {
  buckets.clear();
  for (const auto& [bound, row] : histograms_[i].buckets) {
    const StepRow series = series_.row(row);
    if (series.Has(step)) buckets.push_back({bound, series.values[step]});
  }
}

void AppendForMetric(const LabelSet& labels, std::string* text) {
  if (labels.metric_name().empty()) return;
  text->append(" for metric name ");
  AppendQuoted(labels.metric_name(), text);
}

}  // namespace tidemark::promql
