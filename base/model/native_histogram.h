#pragma once

#include <cstdint>
#include <memory>
#include <vector>

// Native histograms as Prometheus has them: docs of "native histograms", model/histogram.
namespace tidemark {

// What the writer knows about the sample before this one.
enum class CounterResetHint : uint8_t {
  kUnknown = 0,
  kCounterReset = 1,
  kNotCounterReset = 2,
  kGauge = 3,  // counts may fall
};

// Buckets side by side: `length` of them, `offset` after the end of the span before; the offset of
// the first span is the number of its first bucket.
struct BucketSpan {
  int32_t offset = 0;
  uint32_t length = 0;

  friend bool operator==(const BucketSpan&, const BucketSpan&) = default;
};

// Bucket boundaries grow by 2^(2^-schema) from one to the next, or are given one by one.
inline constexpr int32_t kMinExponentialSchema = -4;
inline constexpr int32_t kMaxExponentialSchema = 8;
inline constexpr int32_t kCustomBucketsSchema = -53;

// Which buckets a histogram has. Samples of one series mostly share one.
struct HistogramLayout {
  int32_t schema = 0;
  double zero_threshold = 0;  // the zero bucket is [-zero_threshold, zero_threshold]
  std::vector<BucketSpan> positive_spans, negative_spans;
  std::vector<double> custom_values;  // upper bounds, ascending; with kCustomBucketsSchema only
};

// Bits of doubles decide what is equal.
bool SameBits(const HistogramLayout& a, const HistogramLayout& b);

// The value of one sample. Counts are those of each bucket by itself, neither cumulative nor
// differences between neighbours; there are as many as the spans of their sign have buckets.
// A staleness marker is a sample whose sum is the stale NaN.
template <typename Count>
struct BasicHistogramSample {
  CounterResetHint counter_reset_hint = CounterResetHint::kUnknown;
  std::shared_ptr<const HistogramLayout> layout;  // never null where samples are stored
  Count count = 0;                                // of all observations, NaN ones included
  Count zero_count = 0;
  double sum = 0;
  std::vector<Count> positive_counts, negative_counts;
};

using HistogramSample = BasicHistogramSample<uint64_t>;
using FloatHistogramSample = BasicHistogramSample<double>;

// A value as queries pass it on: shared by neighbouring steps, never changed, never null unless said.
using HistogramPtr = std::shared_ptr<const FloatHistogramSample>;

bool SameBits(const HistogramSample& a, const HistogramSample& b);
bool SameBits(const FloatHistogramSample& a, const FloatHistogramSample& b);

}  // namespace tidemark
