#include "promql/exec/histogram_quantile.h"

#include <optional>

#include "absl/container/flat_hash_map.h"

#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "promql/exec/metric_name.h"
#include "promql/exec/quantile_warning.h"
#include "promql/functions/bucket_quantile.h"

namespace tidemark::promql {
namespace {

constexpr std::string_view kBucketBound = "le";

void AppendMetricName(const LabelSet& labels, std::string* text) {
  if (labels.metric_name().empty()) return;
  text->append(" for metric name ");
  AppendQuoted(labels.metric_name(), text);
}

}  // namespace

absl::Status HistogramQuantile::Build(QueryContext& query, SeriesTable& result) {
  ASSIGN_OR_RETURN(const std::vector<double> quantiles, ReadScalar(query, *quantile_));
  for (const double q : quantiles) WarnOfQuantile(query, q, quantile_source_);
  SeriesTable series(query, num_steps());
  RETURN_IF_ERROR(series.AddAll(query, *input_));
  ColumnBatch one;
  for (Histogram& histogram : GroupBuckets(query, series)) {
    RETURN_IF_ERROR(query.CheckCancelled());
    one.Reset(num_steps());
    const StepRow row = one.Add({});
    if (Evaluate(histogram, series, quantiles, row)) {
      std::string text =
          "input to histogram_quantile needed to be fixed for monotonicity (see "
          "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";
      AppendMetricName(histogram.header.labels, &text);
      query.Inform(text, input_source_);
    }
    LoseMetricName(query, histogram.header);
    RETURN_IF_ERROR(result.Add(std::move(histogram.header), row));
  }
  return absl::OkStatus();
}

std::vector<HistogramQuantile::Histogram> HistogramQuantile::GroupBuckets(
    QueryContext& query, const SeriesTable& series) const {
  std::vector<Histogram> histograms;  // in order of first appearance
  absl::flat_hash_map<LabelSet, size_t> by_labels;
  LabelSetBuilder builder;
  for (size_t i = 0; i < series.size(); ++i) {
    const LabelSet& labels = series.header(i).labels;
    const std::optional<double> bound = ParseFloat(labels.Get(kBucketBound));
    if (!bound) {
      WarnOfBound(query, labels);
      continue;
    }
    builder.Reset(labels);
    builder.Delete(kBucketBound);
    LabelSet group = builder.Build();
    const auto [found, added] = by_labels.try_emplace(group, histograms.size());
    if (added) histograms.push_back({{std::move(group), series.header(i).drop_name}, {}});
    histograms[found->second].buckets.emplace_back(*bound, i);
  }
  return histograms;
}

void HistogramQuantile::WarnOfBound(QueryContext& query, const LabelSet& labels) const {
  std::string text = "bucket label \"le\" is missing or has a malformed value of ";
  AppendQuoted(labels.Get(kBucketBound), &text);
  AppendMetricName(labels, &text);
  query.Warn(text, input_source_);
}

bool HistogramQuantile::Evaluate(const Histogram& histogram, const SeriesTable& series,
                                 const std::vector<double>& quantiles, const StepRow& out) const {
  bool forced = false;
  std::vector<Bucket> buckets;
  for (size_t step = 0; step < num_steps(); ++step) {
    buckets.clear();
    for (const auto& [bound, row] : histogram.buckets) {
      if (series.row(row).Has(step)) buckets.push_back({bound, series.row(row).values[step]});
    }
    if (!buckets.empty()) out.Set(step, BucketQuantile(quantiles[step], buckets, &forced));
  }
  return forced;
}

}  // namespace tidemark::promql
