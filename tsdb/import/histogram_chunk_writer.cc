#include "tsdb/import/histogram_chunk_writer.h"

#include <bit>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "base/model/histogram_buckets.h"
#include "base/model/staleness.h"
#include "tsdb/import/xor_chunk_writer.h"

// Layout: histogram_chunk.cc.

namespace tidemark::tsdb {
namespace {

// The two highest bits of the third byte.
uint8_t HeaderFor(CounterResetHint hint) {
  switch (hint) {
    case CounterResetHint::kCounterReset:
      return 0x80;
    case CounterResetHint::kNotCounterReset:
      return 0x40;
    case CounterResetHint::kGauge:
      return 0xc0;
    case CounterResetHint::kUnknown:
      break;
  }
  return 0;
}

std::string Header(CounterResetHint hint) {
  std::string header(kNumSamplesBytes, '\0');
  header.push_back(static_cast<char>(HeaderFor(hint)));
  return header;
}

void WriteDouble(double value, BitWriter& bits) { bits.Write(std::bit_cast<uint64_t>(value), 64); }

// In one byte where it is a power of two of some range.
void WriteZeroThreshold(double threshold, BitWriter& bits) {
  constexpr int kLowest = -242, kHighest = 11, kBias = 243;
  if (SameBits(threshold, 0)) return bits.Write(0, 8);
  int exponent = 0;
  const double fraction = std::frexp(threshold, &exponent);
  if (fraction == 0.5 && exponent >= kLowest && exponent <= kHighest) {
    return bits.Write(static_cast<uint64_t>(exponent + kBias), 8);
  }
  bits.Write(255, 8);
  WriteDouble(threshold, bits);
}

void WriteSpans(std::span<const BucketSpan> spans, BitWriter& bits) {
  bits.WriteVarbitUnsigned(spans.size());
  for (const BucketSpan& span : spans) {
    bits.WriteVarbitUnsigned(span.length);
    bits.WriteVarbit(span.offset);
  }
}

// In thousandths where that is exact.
void WriteBound(double bound, BitWriter& bits) {
  constexpr double kMostThousandths = 33554430;
  const double thousandths = std::round(bound * 1000);
  if (bound >= 0 && bound * 1000 <= kMostThousandths && SameBits(thousandths / 1000, bound)) {
    return bits.WriteVarbitUnsigned(static_cast<uint64_t>(thousandths) + 1);
  }
  bits.Write(0, 1);
  WriteDouble(bound, bits);
}

void WriteLayout(const HistogramLayout& layout, BitWriter& bits) {
  WriteZeroThreshold(layout.zero_threshold, bits);
  bits.WriteVarbit(layout.schema);
  WriteSpans(layout.positive_spans, bits);
  WriteSpans(layout.negative_spans, bits);
  if (layout.schema != kCustomBucketsSchema) return;
  bits.WriteVarbitUnsigned(layout.custom_values.size());
  for (const double bound : layout.custom_values) WriteBound(bound, bits);
}

std::shared_ptr<const HistogramLayout> LayoutOf(const HistogramView& first) {
  return IsStaleMarker(first.sum) ? std::make_shared<const HistogramLayout>() : first.layout;
}

// Wraps, as in Go.
int64_t Difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

// Calls `write(k, difference)` for each bucket of an integer histogram, counted from `k`, with its
// difference to the one before.
template <typename Write>
void ForEachDifference(std::span<const double> counts, size_t k, const Write& write) {
  int64_t before = 0;
  for (const double count : counts) {
    const auto whole = static_cast<int64_t>(count);
    write(k++, whole - std::exchange(before, whole));
  }
}

}  // namespace

void HistogramChunkWriter::Tracked::Next(int64_t next, BitWriter& bits) {
  const int64_t next_delta = Difference(next, std::exchange(value, next));
  bits.WriteVarbit(Difference(next_delta, std::exchange(delta, next_delta)));
}

void HistogramChunkWriter::Xored::Next(double next, BitWriter& bits) {
  writer.Next(bits, value, std::bit_cast<uint64_t>(next));
}

HistogramChunkWriter::HistogramChunkWriter(const HistogramView& first)
    : is_float_(first.is_float),
      is_gauge_(first.counter_reset_hint == CounterResetHint::kGauge),
      layout_(LayoutOf(first)),
      bits_(Header(first.counter_reset_hint)) {
  const size_t num_buckets =
      NumBuckets(layout_->positive_spans) + NumBuckets(layout_->negative_spans);
  is_float_ ? floats_.resize(num_buckets + 2) : integers_.resize(num_buckets + 2);
}

bool HistogramChunkWriter::Takes(const HistogramView& histogram, bool reset) const {
  const bool is_gauge = histogram.counter_reset_hint == CounterResetHint::kGauge;
  if (histogram.is_float != is_float_) return false;
  if (IsStaleMarker(histogram.sum)) return true;  // nothing else of it is written
  if (is_stale_ || is_gauge != is_gauge_ || (reset && !is_gauge)) return false;
  return histogram.layout == layout_ || SameBits(*histogram.layout, *layout_);
}

void HistogramChunkWriter::Append(TimestampMs timestamp, const HistogramView& histogram) {
  is_stale_ = IsStaleMarker(histogram.sum);
  if (num_samples_ == 0) {
    WriteLayout(*layout_, bits_);
    bits_.WriteVarbit(timestamp);
    time_.value = range_.min = timestamp;
    WriteFirst(histogram);
  } else {
    time_.Next(timestamp, bits_);
    WriteNext(histogram);
  }
  range_.max = timestamp;
  ++num_samples_;
}

void HistogramChunkWriter::WriteFirst(const HistogramView& histogram) {
  const auto write_float = [&](size_t k, double count) {
    floats_[k].value = std::bit_cast<uint64_t>(count);
    WriteDouble(count, bits_);
  };
  const auto write_integer = [&](size_t k, int64_t difference) {
    integers_[k].value = difference;
    bits_.WriteVarbit(difference);
  };
  const double count = is_stale_ ? 0 : histogram.count;
  const double zero_count = is_stale_ ? 0 : histogram.zero_count;
  if (is_float_) {
    write_float(0, count);
    write_float(1, zero_count);
  } else {
    integers_[0].value = static_cast<int64_t>(count);
    integers_[1].value = static_cast<int64_t>(zero_count);
    bits_.WriteVarbitUnsigned(static_cast<uint64_t>(count));
    bits_.WriteVarbitUnsigned(static_cast<uint64_t>(zero_count));
  }
  sum_.value = std::bit_cast<uint64_t>(histogram.sum);
  WriteDouble(histogram.sum, bits_);
  if (is_stale_) return;
  const size_t num_positive = histogram.positive_counts.size();
  if (is_float_) {
    size_t k = 2;
    for (const double bucket : histogram.positive_counts) write_float(k++, bucket);
    for (const double bucket : histogram.negative_counts) write_float(k++, bucket);
  } else {
    ForEachDifference(histogram.positive_counts, 2, write_integer);
    ForEachDifference(histogram.negative_counts, 2 + num_positive, write_integer);
  }
}

void HistogramChunkWriter::WriteNext(const HistogramView& histogram) {
  if (is_stale_) {
    bits_.Write(0, 2);  // the counts: no change
    return sum_.Next(histogram.sum, bits_);
  }
  if (is_float_) {
    floats_[0].Next(histogram.count, bits_);
    floats_[1].Next(histogram.zero_count, bits_);
    sum_.Next(histogram.sum, bits_);
    size_t k = 2;
    for (const double bucket : histogram.positive_counts) floats_[k++].Next(bucket, bits_);
    for (const double bucket : histogram.negative_counts) floats_[k++].Next(bucket, bits_);
    return;
  }
  integers_[0].Next(static_cast<int64_t>(histogram.count), bits_);
  integers_[1].Next(static_cast<int64_t>(histogram.zero_count), bits_);
  sum_.Next(histogram.sum, bits_);
  const auto write = [&](size_t k, int64_t difference) { integers_[k].Next(difference, bits_); };
  ForEachDifference(histogram.positive_counts, 2, write);
  ForEachDifference(histogram.negative_counts, 2 + histogram.positive_counts.size(), write);
}

PrometheusChunk HistogramChunkWriter::Finish() && {
  return {is_float_ ? ChunkEncoding::kFloatHistogram : ChunkEncoding::kHistogram, range_,
          EndChunk(std::move(bits_), num_samples_)};
}

}  // namespace tidemark::tsdb
