#include "promql/exec/histogram_fraction.h"

#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "promql/exec/metric_name.h"
#include "promql/functions/bucket_fraction.h"
#include "promql/histograms/estimates.h"

namespace tidemark::promql {

absl::Status HistogramFraction::Build(QueryContext& query, SeriesTable& result) {
  ASSIGN_OR_RETURN(lower_values_, ReadScalar(query, *lower_));
  ASSIGN_OR_RETURN(upper_values_, ReadScalar(query, *upper_));
  BucketGroups groups(query, num_steps());
  RETURN_IF_ERROR(groups.Read(query, *input_, source_));
  ColumnBatch one;
  std::vector<Bucket> buckets;
  for (size_t i = 0; i < groups.size(); ++i) {
    RETURN_IF_ERROR(query.CheckCancelled());
    one.Reset(num_steps());
    const StepRow row = one.Add({});
    for (size_t step = 0; groups.HasBuckets(i) && step < num_steps(); ++step) {
      groups.BucketsAt(i, step, buckets);
      if (buckets.empty()) continue;
      row.Set(step, BucketFraction(lower_values_[step], upper_values_[step], buckets));
    }
    if (groups.HasNative(i)) EvaluateNative(query, groups, i, row);
    SeriesHeader header = groups.header(i);
    LoseMetricName(query, header);
    if (!row.Empty()) RETURN_IF_ERROR(result.Add(std::move(header), row));
  }
  return absl::OkStatus();
}

void HistogramFraction::EvaluateNative(QueryContext& query, const BucketGroups& groups,
                                       size_t histogram, const StepRow& out) const {
  bool any_nan = false;
  for (size_t step = 0; step < num_steps(); ++step) {
    const FloatHistogramSample* const native = groups.NativeAt(histogram, step);
    if (native == nullptr) continue;
    bool has_nan = false;
    out.Set(step,
            EstimateFraction(lower_values_[step], upper_values_[step], ViewOf(*native), has_nan));
    any_nan |= has_nan;
  }
  if (!any_nan) return;
  std::string text =
      "input to histogram_fraction has NaN observations, which are excluded from all fractions";
  AppendForMetric(groups.header(histogram).labels, &text);
  query.Inform(text, source_);
}

}  // namespace tidemark::promql
