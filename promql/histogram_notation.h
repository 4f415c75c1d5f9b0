#pragma once

#include <string_view>

#include "absl/status/statusor.h"

#include "base/model/native_histogram.h"

// How test scripts write native histograms: `{{schema:1 sum:3.4 count:5 z_bucket:1 z_bucket_w:0.01
// offset:-1 buckets:[1 0 2] n_offset:0 n_buckets:[1] counter_reset_hint:gauge}}`, and with
// `schema:-53` and `custom_values:[5 10]`. What is left out is zero. promql/histograms/
// histogram_text.h writes it.
namespace tidemark::promql {

struct NotedHistogram {
  FloatHistogramSample histogram;
  bool has_hint = false;  // it says `counter_reset_hint`
};

// A histogram at the front of `text`, which loses it. Counts may be negative, the rest is valid.
//   InvalidArgument  it is none, or says something twice or of no meaning
absl::StatusOr<NotedHistogram> ConsumeHistogram(std::string_view& text);

}  // namespace tidemark::promql
