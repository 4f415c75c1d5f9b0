#include "base/model/histogram_resolution.h"

#include <memory>
#include <utility>

#include "base/model/histogram_bounds.h"
#include "base/model/histogram_columns.h"
#include "base/strings.h"

namespace tidemark {
namespace {

// Schemas that are set aside for exponential buckets.
constexpr int32_t kMinReservedSchema = -9, kMaxReservedSchema = 52;

template <typename Count>
std::vector<Count> Gather(const std::vector<Count>& counts, const ReducedSpans& reduced) {
  std::vector<Count> sums(reduced.num_buckets);
  for (size_t i = 0; i < counts.size(); ++i) sums[reduced.places[i]] += counts[i];
  return sums;
}

template <typename Count>
void Reduce(int32_t schema, BasicHistogramSample<Count>& h) {
  const HistogramLayout& before = *h.layout;
  if (HasCustomBuckets(before) || schema >= before.schema) return;
  ReducedSpans positive = ReduceSpans(before.positive_spans, before.schema, schema);
  ReducedSpans negative = ReduceSpans(before.negative_spans, before.schema, schema);
  h.positive_counts = Gather(h.positive_counts, positive);
  h.negative_counts = Gather(h.negative_counts, negative);
  HistogramLayout layout;
  layout.schema = schema;
  layout.zero_threshold = before.zero_threshold;
  layout.positive_spans = std::move(positive.spans);
  layout.negative_spans = std::move(negative.spans);
  h.layout = std::make_shared<const HistogramLayout>(std::move(layout));
}

template <typename Count>
absl::Status Limit(size_t max_buckets, BasicHistogramSample<Count>& h) {
  while (h.positive_counts.size() + h.negative_counts.size() > max_buckets) {
    if (h.layout->schema <= kMinExponentialSchema) {
      return absl::ResourceExhaustedError("histogram bucket limit exceeded");
    }
    Reduce(h.layout->schema - 1, h);
  }
  return absl::OkStatus();
}

template <typename Count>
absl::Status ToKnown(BasicHistogramSample<Count>& h) {
  const int32_t schema = h.layout->schema;
  if (schema == kCustomBucketsSchema) return absl::OkStatus();
  if (schema < kMinReservedSchema || schema > kMaxReservedSchema) {
    return absl::InvalidArgumentError(
        StrCat("histogram has an unknown schema, which must be between ", kMinReservedSchema,
               " and ", kMaxReservedSchema, " for exponential buckets, or ", kCustomBucketsSchema,
               " for custom buckets, got schema ", schema));
  }
  if (schema <= kMaxExponentialSchema) return absl::OkStatus();
  if (NumBuckets(h.layout->positive_spans) != h.positive_counts.size() ||
      NumBuckets(h.layout->negative_spans) != h.negative_counts.size()) {
    return absl::InvalidArgumentError(
        "histogram spans specify different number of buckets than provided");
  }
  Reduce(kMaxExponentialSchema, h);
  return absl::OkStatus();
}

}  // namespace

ReducedSpans ReduceSpans(std::span<const BucketSpan> spans, int32_t from, int32_t to) {
  ReducedSpans reduced;
  reduced.places.reserve(NumBuckets(spans));
  int64_t index = 0, last = 0;
  for (const BucketSpan& span : spans) {
    index += span.offset;
    for (uint32_t i = 0; i < span.length; ++i, ++index) {
      const int64_t wide = IndexAtSchema(index, from, to);
      if (reduced.spans.empty()) {
        reduced.spans.push_back({static_cast<int32_t>(wide), 1});
        reduced.num_buckets = 1;
      } else if (wide > last) {
        if (wide == last + 1) {
          ++reduced.spans.back().length;
        } else {
          reduced.spans.push_back({static_cast<int32_t>(wide - last - 1), 1});
        }
        ++reduced.num_buckets;
      }
      last = wide;
      reduced.places.push_back(static_cast<uint32_t>(reduced.num_buckets - 1));
    }
  }
  return reduced;
}

void ReduceResolution(int32_t schema, HistogramSample& histogram) { Reduce(schema, histogram); }
void ReduceResolution(int32_t schema, FloatHistogramSample& histogram) {
  Reduce(schema, histogram);
}

absl::Status LimitBuckets(size_t max_buckets, HistogramSample& histogram) {
  return Limit(max_buckets, histogram);
}
absl::Status LimitBuckets(size_t max_buckets, FloatHistogramSample& histogram) {
  return Limit(max_buckets, histogram);
}

absl::Status ReduceToKnownSchema(HistogramSample& histogram) { return ToKnown(histogram); }
absl::Status ReduceToKnownSchema(FloatHistogramSample& histogram) { return ToKnown(histogram); }

}  // namespace tidemark
