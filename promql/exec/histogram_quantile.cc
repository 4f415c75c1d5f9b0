#include "promql/exec/histogram_quantile.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/metric_name.h"
#include "promql/exec/quantile_warning.h"
#include "promql/histograms/estimates.h"

namespace tidemark::promql {
namespace {

std::string SecondText(TimestampMs t) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(t / 1000),
                          absl::UTCTimeZone());
}

}  // namespace

absl::Status HistogramQuantile::Build(QueryContext& query, SeriesTable& result) {
  for (const Quantile& quantile : quantiles_) {
    ASSIGN_OR_RETURN(values_.emplace_back(), ReadScalar(query, *quantile.value));
    for (const double q : values_.back()) WarnOfQuantile(query, q, quantile.source);
  }
  BucketGroups groups(query, num_steps());
  RETURN_IF_ERROR(groups.Read(query, *input_, input_source_));
  for (size_t i = 0; i < groups.size(); ++i) {
    RETURN_IF_ERROR(query.CheckCancelled());
    RETURN_IF_ERROR(AddQuantiles(query, groups, i, result));
  }
  for (const auto& [text, repaired] : repaired_) {
    if (repaired.repairs.count > 0) Inform(query, text, repaired);
  }
  return absl::OkStatus();
}

absl::Status HistogramQuantile::AddQuantiles(QueryContext& query, const BucketGroups& groups,
                                             size_t histogram, SeriesTable& result) {
  SeriesHeader header = groups.header(histogram);
  results_.Reset(num_steps());
  for (size_t q = 0; q < quantiles_.size(); ++q) results_.Add({});
  if (groups.HasBuckets(histogram)) {
    Evaluate(groups, histogram, repaired_[RepairText(query, header.labels)]);
  }
  if (groups.HasNative(histogram)) EvaluateNative(query, groups, histogram);
  LoseMetricName(query, header);
  for (size_t q = 0; q < quantiles_.size(); ++q) {
    RETURN_IF_ERROR(AddRows(query, header, q, result));
  }
  return absl::OkStatus();
}

void HistogramQuantile::Evaluate(const BucketGroups& groups, size_t histogram, Repaired& repaired) {
  std::vector<Bucket> buckets;
  for (size_t step = 0; step < num_steps(); ++step) {
    groups.BucketsAt(histogram, step, buckets);
    if (buckets.empty()) continue;
    const size_t repaired_before = repaired.repairs.count;
    for (size_t q = 0; q < quantiles_.size(); ++q) {
      results_.row(q).Set(step, BucketQuantile(values_[q][step], buckets, repaired.repairs));
    }
    if (repaired.repairs.count == repaired_before) continue;
    const TimestampMs time = times().step_time(step);
    repaired.first = repaired_before == 0 ? time : std::min(repaired.first, time);
    repaired.last = repaired_before == 0 ? time : std::max(repaired.last, time);
  }
}

void HistogramQuantile::EvaluateNative(QueryContext& query, const BucketGroups& groups,
                                       size_t histogram) {
  bool is_nan = false, skewed = false;
  for (size_t step = 0; step < num_steps(); ++step) {
    const FloatHistogramSample* const native = groups.NativeAt(histogram, step);
    if (native == nullptr) continue;
    for (size_t q = 0; q < quantiles_.size(); ++q) {
      NanEffect effect;
      const double value = EstimateQuantile(values_[q][step], ViewOf(*native), effect);
      results_.row(q).Set(step, value);
      is_nan |= effect == NanEffect::kResultIsNan;
      skewed |= effect == NanEffect::kSkewed;
    }
  }
  const auto inform = [&](std::string text) {
    AppendForMetric(groups.header(histogram).labels, &text);
    query.Inform(text, input_source_);
  };
  if (is_nan) inform("input to histogram_quantile has NaN observations, result is NaN");
  if (skewed) inform("input to histogram_quantile has NaN observations, result is skewed higher");
}

// A quantile that is another one at another step has another label there.
absl::Status HistogramQuantile::AddRows(QueryContext& query, const SeriesHeader& header,
                                        size_t quantile, SeriesTable& result) {
  const StepRow row = results_.row(quantile);
  if (label_.empty()) return row.Empty() ? absl::OkStatus() : result.Add(header, row);
  while (!row.Empty()) {
    RETURN_IF_ERROR(query.CheckCancelled());
    part_.Reset(num_steps());
    const StepRow part = part_.Add({});
    std::string bound;
    row.ForEach([&](size_t step) {
      const std::string at_step = FormatBound(values_[quantile][step]);
      if (part.Empty()) bound = at_step;
      if (at_step != bound) return;
      part.Set(step, row.values[step]);
      row.Clear(step);
    });
    LabelSetBuilder labels(header.labels);
    labels.Set(label_, bound);
    RETURN_IF_ERROR(result.Add({labels.Build(), header.drop_name}, part));
  }
  return absl::OkStatus();
}

std::string HistogramQuantile::RepairText(const QueryContext& query, const LabelSet& labels) const {
  std::string text =
      "input to histogram_quantile needed to be fixed for monotonicity (see "
      "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";
  if (query.options().delayed_name_removal) AppendForMetric(labels, &text);
  return text;
}

void HistogramQuantile::Inform(QueryContext& query, const std::string& text,
                               const Repaired& repaired) const {
  const MonotonicityRepairs& repairs = repaired.repairs;
  query.Inform(
      StrCat(text, ", from buckets ", FormatFloatG(repairs.lowest_bound), " to ",
             FormatFloatG(repairs.highest_bound), ", with a max diff of ",
             absl::StrFormat("%.2g", repairs.largest), ", over ", repairs.count, " samples from ",
             SecondText(repaired.first), " to ", SecondText(repaired.last)),
      input_source_);
}

}  // namespace tidemark::promql
