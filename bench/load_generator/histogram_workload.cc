#include "bench/load_generator/histogram_workload.h"

#include <cmath>

#include <protozero/pbf_writer.hpp>

#include "base/strings.h"

namespace tidemark::bench {
namespace {

constexpr int32_t kSchema = 3;
constexpr double kZeroThreshold = 0x1p-128;  // as client libraries have it
constexpr double kObservationsPerStep = 10;
constexpr double kObservationsBefore = 10'000;  // the load begins: a service that has run for hours
constexpr double kStepsPerReset = 5'000;
constexpr double kSigma = 0.8;  // of the logarithm of a latency

// Field numbers of prometheus.TimeSeries, Histogram and BucketSpan.
constexpr protozero::pbf_tag_type kHistograms = 4;
constexpr protozero::pbf_tag_type kCountInt = 1, kSum = 3, kSchemaField = 4, kThreshold = 5,
                                  kZeroCountInt = 6, kPositiveSpans = 11, kPositiveDeltas = 12,
                                  kTimestampField = 15;
constexpr protozero::pbf_tag_type kOffset = 1, kLength = 2;

}  // namespace

HistogramWorkload::HistogramWorkload(const WorkloadOptions& options, size_t first, size_t last)
    : first_(first) {
  for (size_t number = first; number < last; ++number) {
    std::mt19937_64 random(RandomAt(options.seed, number, 0));
    const double median = std::exp2(-static_cast<double>(random() % 10));  // 2 ms to 1 s
    series_.push_back({random, std::lognormal_distribution<double>(std::log(median), kSigma)});
    Observe(kObservationsBefore, series_.back());
  }
}

LabelSet HistogramWorkload::Labels(size_t i) const {
  const size_t number = first_ + i, target = number / kSeriesPerTarget;
  return {{"__name__", "bench_request_duration_seconds"},
          {"cluster", StrCat("cluster-", target % 3)},
          {"code", number % 10 == 0 ? "500" : "200"},
          {"env", "production"},
          {"handler", StrCat("/api/v1/endpoint-", number % kSeriesPerTarget / 2)},
          {"instance", StrCat("10.1.", target / 250, ".", target % 250, ":8080")},
          {"job", StrCat("service-", target % 10)},
          {"method", number % 2 == 0 ? "GET" : "POST"},
          {"region", StrCat("region-", target % 4)},
          {"version", "1.4.2"}};
}

void HistogramWorkload::Observe(double mean, Series& series) {
  std::poisson_distribution<int> observations(mean);
  for (int left = observations(series.random); left > 0; --left) {
    const double latency = series.latency(series.random);
    ++series.buckets[static_cast<int32_t>(std::ceil(std::log2(latency) * (1 << kSchema)))];
    ++series.count;
    series.sum += latency;
  }
}

void HistogramWorkload::Advance() {
  is_new_ = false;
  for (Series& series : series_) {
    if (series.random() % static_cast<uint64_t>(kStepsPerReset) == 0) {
      series.buckets.clear();
      series.count = 0;
      series.sum = 0;
    }
    Observe(kObservationsPerStep, series);
  }
}

void HistogramWorkload::AppendSample(size_t i, TimestampMs timestamp,
                                     std::string* time_series) const {
  const Series& series = series_[i];
  protozero::pbf_writer message(*time_series);
  protozero::pbf_writer histogram(message, kHistograms);
  histogram.add_uint64(kCountInt, series.count);
  histogram.add_double(kSum, series.sum);
  histogram.add_sint32(kSchemaField, kSchema);
  histogram.add_double(kThreshold, kZeroThreshold);
  histogram.add_uint64(kZeroCountInt, 0);
  std::vector<int64_t> deltas;
  int64_t before = 0;
  int32_t next = 0;  // index of the bucket behind the last one
  for (auto bucket = series.buckets.begin(); bucket != series.buckets.end();) {
    const int32_t begin = bucket->first;
    int32_t end = begin;
    for (; bucket != series.buckets.end() && bucket->first == end; ++bucket, ++end) {
      const auto count = static_cast<int64_t>(bucket->second);
      deltas.push_back(count - before);
      before = count;
    }
    protozero::pbf_writer span(histogram, kPositiveSpans);
    span.add_sint32(kOffset, begin - next);
    span.add_uint32(kLength, static_cast<uint32_t>(end - begin));
    next = end;
  }
  histogram.add_packed_sint64(kPositiveDeltas, deltas.begin(), deltas.end());
  histogram.add_int64(kTimestampField, timestamp);
}

}  // namespace tidemark::bench
