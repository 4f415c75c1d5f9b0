#include "promql/exec/histogram_load.h"

namespace tidemark::promql {
namespace {

constexpr size_t kStructureBytes =
    168;  // of Prometheus's FloatHistogram, its slices' heads included
constexpr size_t kTimestampBytes = 8;
constexpr size_t kBytesPerFloat = 16;  // a value and its timestamp

size_t SamplesOf(const HistogramLayout& layout, size_t num_buckets) {
  const size_t words = layout.positive_spans.size() + layout.negative_spans.size() +
                       layout.custom_values.size() + num_buckets;
  return (kStructureBytes + kTimestampBytes + words * sizeof(double)) / kBytesPerFloat;
}

}  // namespace

size_t SamplesOf(const FloatHistogramSample& h) {
  return SamplesOf(*h.layout, h.positive_counts.size() + h.negative_counts.size());
}

size_t BytesOf(const FloatHistogramSample& h) {
  constexpr size_t kOverhead = 64;  // of the shared pointer and the allocations
  size_t bytes = sizeof(h) + kOverhead +
                 (h.positive_counts.capacity() + h.negative_counts.capacity()) * sizeof(double);
  if (h.layout.use_count() == 1) {
    bytes +=
        sizeof(HistogramLayout) + kOverhead + h.layout->custom_values.size() * sizeof(double) +
        (h.layout->positive_spans.size() + h.layout->negative_spans.size()) * sizeof(BucketSpan);
  }
  return bytes;
}

HistogramLoad LoadOfHistograms(const StepRow& row) {
  HistogramLoad load;
  if (!row.HasHistograms()) return load;
  load.bytes = row.values.size() * sizeof(HistogramPtr);
  const FloatHistogramSample* before = nullptr;
  for (size_t step = 0; step < row.values.size(); ++step) {
    const FloatHistogramSample* histogram = row.Histogram(step);
    if (histogram == nullptr) continue;
    load.extra_samples += SamplesOf(*histogram) - 1;
    if (histogram != before) load.bytes += BytesOf(*histogram);
    before = histogram;
  }
  return load;
}

HistogramLoad LoadOfHistograms(const HistogramColumns& histograms) {
  HistogramLoad load;
  for (size_t i = 0; i < histograms.size(); ++i) {
    const HistogramView h = histograms[i];
    const size_t num_buckets = h.positive_counts.size() + h.negative_counts.size();
    load.extra_samples += SamplesOf(*h.layout, num_buckets) - 1;
    load.bytes += kStructureBytes + num_buckets * sizeof(double);
  }
  return load;
}

}  // namespace tidemark::promql
