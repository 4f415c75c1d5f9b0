#include "promql/exec/histogram_fraction.h"

#include <vector>

#include "base/status_macros.h"
#include "promql/exec/metric_name.h"
#include "promql/functions/bucket_fraction.h"

namespace tidemark::promql {

absl::Status HistogramFraction::Build(QueryContext& query, SeriesTable& result) {
  ASSIGN_OR_RETURN(const std::vector<double> lower, ReadScalar(query, *lower_));
  ASSIGN_OR_RETURN(const std::vector<double> upper, ReadScalar(query, *upper_));
  BucketGroups groups(query, num_steps());
  RETURN_IF_ERROR(groups.Read(query, *input_, source_));
  ColumnBatch one;
  std::vector<Bucket> buckets;
  for (size_t i = 0; i < groups.size(); ++i) {
    RETURN_IF_ERROR(query.CheckCancelled());
    one.Reset(num_steps());
    const StepRow row = one.Add({});
    for (size_t step = 0; step < num_steps(); ++step) {
      groups.BucketsAt(i, step, buckets);
      if (!buckets.empty()) row.Set(step, BucketFraction(lower[step], upper[step], buckets));
    }
    SeriesHeader header = groups.header(i);
    LoseMetricName(query, header);
    RETURN_IF_ERROR(result.Add(std::move(header), row));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::promql
