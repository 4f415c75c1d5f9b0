#include "base/model/wire_histogram.h"

#include <cstdint>
#include <span>
#include <utility>

#include "base/io/protobuf_fields.h"

namespace tidemark {
namespace {

// Fields of the messages.
constexpr uint32_t kCountInt = 1, kCountFloat = 2, kSum = 3, kSchema = 4, kZeroThreshold = 5,
                   kZeroCountInt = 6, kZeroCountFloat = 7, kNegativeSpan = 8, kNegativeDelta = 9,
                   kNegativeCount = 10, kPositiveSpan = 11, kPositiveDelta = 12,
                   kPositiveCount = 13, kResetHint = 14, kTimestamp = 15, kCustomValue = 16;
constexpr uint32_t kSpanOffset = 1, kSpanLength = 2;

void AppendSpans(uint32_t field, std::span<const BucketSpan> spans, std::string& scratch,
                 std::string* out) {
  for (const BucketSpan& span : spans) {
    scratch.clear();
    AppendVarintField(kSpanOffset, ZigZag(span.offset), &scratch);
    AppendVarintField(kSpanLength, span.length, &scratch);
    AppendBytesField(field, scratch, out);
  }
}

void AppendPacked(uint32_t field, std::span<const double> values, std::string* out) {
  if (values.empty()) return;
  AppendVarint(BytesTag(field), out);
  AppendVarint(values.size() * sizeof(double), out);
  for (const double value : values) AppendFixed64(value, out);
}

// Whole counts, each as its difference to the one before.
void AppendDeltas(uint32_t field, std::span<const double> counts, std::string& scratch,
                  std::string* out) {
  if (counts.empty()) return;
  scratch.clear();
  int64_t before = 0;
  for (const double count : counts) {
    const auto whole = static_cast<int64_t>(count);
    AppendVarint(ZigZag(whole - std::exchange(before, whole)), &scratch);
  }
  AppendBytesField(field, scratch, out);
}

}  // namespace

void AppendWireHistogram(TimestampMs timestamp, const HistogramView& h, std::string& scratch,
                         std::string* out) {
  if (h.is_float) {
    AppendDoubleField(kCountFloat, h.count, out);
    AppendDoubleField(kZeroCountFloat, h.zero_count, out);
    AppendPacked(kNegativeCount, h.negative_counts, out);
    AppendPacked(kPositiveCount, h.positive_counts, out);
  } else {
    AppendVarintField(kCountInt, static_cast<uint64_t>(h.count), out);
    AppendVarintField(kZeroCountInt, static_cast<uint64_t>(h.zero_count), out);
    AppendDeltas(kNegativeDelta, h.negative_counts, scratch, out);
    AppendDeltas(kPositiveDelta, h.positive_counts, scratch, out);
  }
  AppendDoubleField(kSum, h.sum, out);
  AppendVarintField(kSchema, ZigZag(h.layout->schema), out);
  AppendDoubleField(kZeroThreshold, h.layout->zero_threshold, out);
  AppendSpans(kNegativeSpan, h.layout->negative_spans, scratch, out);
  AppendSpans(kPositiveSpan, h.layout->positive_spans, scratch, out);
  AppendPacked(kCustomValue, h.layout->custom_values, out);
  AppendVarintField(kResetHint, static_cast<uint64_t>(h.counter_reset_hint), out);
  AppendVarintField(kTimestamp, static_cast<uint64_t>(timestamp), out);
}

}  // namespace tidemark
