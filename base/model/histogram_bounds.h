#pragma once

#include <cstdint>

#include "base/model/native_histogram.h"

// Where the buckets of native histograms begin and end.
namespace tidemark {

constexpr bool IsExponentialSchema(int32_t schema) {
  return schema >= kMinExponentialSchema && schema <= kMaxExponentialSchema;
}
inline bool HasCustomBuckets(const HistogramLayout& layout) {
  return layout.schema == kCustomBucketsSchema;
}

// The upper bound of positive bucket `index` under an exponential schema, to the last bit what
// Prometheus says: 2^(index * 2^-schema), but the greatest finite double where that is 2^1024, so
// that the bucket after it counts infinite observations alone. 0 and infinity where the bound is
// beyond doubles.
double ExponentialBound(int64_t index, int32_t schema);

// The absolute value of the bound of bucket `index` that is further from zero. With custom buckets:
// its upper bound, -Inf for index -1, +Inf after the last of the custom values.
double BucketBound(const HistogramLayout& layout, int64_t index);

// The bucket of schema `to` <= `from` that holds bucket `index` of schema `from`.
constexpr int64_t IndexAtSchema(int64_t index, int32_t from, int32_t to) {
  return ((index - 1) >> (from - to)) + 1;
}

}  // namespace tidemark
