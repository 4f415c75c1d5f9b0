#include "promql/exec/bucket_groups.h"

#include <optional>
#include <string>

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
  for (size_t i = 0; i < series_.size(); ++i) {
    if (series_.row(i).HasFloats()) AddBuckets(query, i, source);
    if (!series_.row(i).HasHistograms()) continue;
    const SeriesHeader& series = series_.header(i);
    HistogramOf(series.labels, series.drop_name).native = i;
  }
  for (const Histogram& histogram : histograms_) {
    if (histogram.native && !histogram.buckets.empty()) DropMixedSteps(query, histogram, source);
  }
  return absl::OkStatus();
}

BucketGroups::Histogram& BucketGroups::HistogramOf(LabelSet labels, bool drop_name) {
  const auto [found, added] = by_labels_.try_emplace(labels, histograms_.size());
  if (added) histograms_.push_back({{std::move(labels), drop_name}, {}, std::nullopt});
  return histograms_[found->second];
}

void BucketGroups::AddBuckets(QueryContext& query, size_t row, SourceRange source) {
  const SeriesHeader& series = series_.header(row);
  const std::optional<double> bound = ParseFloat(series.labels.Get(kBucketBound));
  if (!bound) return WarnOfBound(query, series.labels, source);
  LabelSetBuilder builder(series.labels);
  builder.Delete(kBucketBound);
  HistogramOf(builder.Build(), series.drop_name).buckets.emplace_back(*bound, row);
}

void BucketGroups::DropMixedSteps(QueryContext& query, const Histogram& histogram,
                                  SourceRange source) {
  const StepRow native = series_.row(*histogram.native);
  bool any = false;
  for (size_t step = 0; step < series_.num_steps(); ++step) {
    if (!native.HasHistogram(step)) continue;
    bool mixed = false;
    for (const auto& [bound, row] : histogram.buckets) mixed |= series_.row(row).HasFloat(step);
    if (!mixed) continue;
    any = true;
    native.Clear(step);
    for (const auto& [bound, row] : histogram.buckets) series_.row(row).Clear(step);
  }
  if (!any) return;
  std::string text = "vector contains a mix of classic and native histograms";
  AppendForMetric(histogram.header.labels, &text);
  query.Warn(text, source);
}

void BucketGroups::BucketsAt(size_t i, size_t step, std::vector<Bucket>& buckets) const {
  buckets.clear();
  for (const auto& [bound, row] : histograms_[i].buckets) {
    const StepRow series = series_.row(row);
    if (series.HasFloat(step)) buckets.push_back({bound, series.values[step]});
  }
}

void AppendForMetric(const LabelSet& labels, std::string* text) {
  if (labels.metric_name().empty()) return;
  text->append(" for metric name ");
  AppendQuoted(labels.metric_name(), text);
}

}  // namespace tidemark::promql
