#pragma once

#include <vector>

#include "absl/status/statusor.h"

#include "promql/series_notation.h"

namespace tidemark::promql {

// What `load_with_nhcb` loads besides: for the classic histograms among `series`, from the series
// x_bucket, x_count and x_sum, native ones x with custom buckets. Of buckets and count one is
// enough. Source: Prometheus, util/convertnhcb.
//   InvalidArgument  buckets that are not cumulative
absl::StatusOr<std::vector<SeriesLine>> CustomBucketsOf(const std::vector<SeriesLine>& series);

}  // namespace tidemark::promql
