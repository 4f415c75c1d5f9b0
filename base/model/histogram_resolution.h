#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"

#include "base/model/native_histogram.h"

// Exponential histograms with fewer, wider buckets: 2^d buckets in a row become one where the
// schema is lower by d.
namespace tidemark {

// What one sign's buckets are under another schema.
struct ReducedSpans {
  std::vector<BucketSpan> spans;
  // For each bucket there was, the place of the one that holds it now; ascending.
  std::vector<uint32_t> places;
  size_t num_buckets = 0;
};
ReducedSpans ReduceSpans(std::span<const BucketSpan> spans, int32_t from, int32_t to);

// Schema `schema` or the one it has, whichever is lower. `histogram` is valid; one with custom
// buckets stays as it is.
void ReduceResolution(int32_t schema, HistogramSample& histogram);
void ReduceResolution(int32_t schema, FloatHistogramSample& histogram);

// The resolution at which there are not more than `max_buckets` positive and negative buckets
// together.
//   ResourceExhausted  there is none; the histogram may have a lower schema then
absl::Status LimitBuckets(size_t max_buckets, HistogramSample& histogram);
absl::Status LimitBuckets(size_t max_buckets, FloatHistogramSample& histogram);

// Prometheus takes exponential schemas up to 52 in and reduces those above 8 to that.
//   InvalidArgument  a schema that is not known, or counts that do not fit their spans
absl::Status ReduceToKnownSchema(HistogramSample& histogram);
absl::Status ReduceToKnownSchema(FloatHistogramSample& histogram);

}  // namespace tidemark
