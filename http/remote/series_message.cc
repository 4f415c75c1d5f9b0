#include "http/remote/series_message.h"

#include <cstdint>
#include <span>
#include <utility>

#include "base/io/protobuf_tag.h"
#include "base/io/varint.h"
#include "http/protobuf_fields.h"

namespace tidemark::http {
namespace {

// Fields of the messages.
constexpr uint32_t kSeriesLabel = 1, kSeriesSample = 2, kSeriesHistogram = 4;
constexpr uint32_t kLabelName = 1, kLabelValue = 2;
constexpr uint32_t kSampleValue = 1, kSampleTimestamp = 2;
constexpr uint32_t kCountInt = 1, kCountFloat = 2, kSum = 3, kSchema = 4, kZeroThreshold = 5,
                   kZeroCountInt = 6, kZeroCountFloat = 7, kNegativeSpan = 8, kNegativeDelta = 9,
                   kNegativeCount = 10, kPositiveSpan = 11, kPositiveDelta = 12,
                   kPositiveCount = 13, kResetHint = 14, kTimestamp = 15, kCustomValue = 16;
constexpr uint32_t kSpanOffset = 1, kSpanLength = 2;

void AppendLabel(const LabelView& label, std::string& scratch, std::string* out) {
  scratch.clear();
  AppendBytesField(kLabelName, label.name, &scratch);
  AppendBytesField(kLabelValue, label.value, &scratch);
  AppendBytesField(kSeriesLabel, scratch, out);
}

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

void AppendHistogram(TimestampMs timestamp, const HistogramView& h, std::string& scratch,
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

}  // namespace

void AppendLabelFields(std::string_view labels, const LabelSet& more, std::string* out) {
  std::string scratch;
  LabelSet::Iterator other = more.begin();
  for (const LabelView& label : EncodedLabels(labels)) {
    for (; other != more.end() && other->name < label.name; ++other) {
      AppendLabel(*other, scratch, out);
    }
    if (other != more.end() && other->name == label.name) ++other;
    AppendLabel(label, scratch, out);
  }
  for (; other != more.end(); ++other) AppendLabel(*other, scratch, out);
}

void AppendSampleFields(const SampleColumns& samples, std::string* out) {
  std::string scratch;
  for (size_t i = 0; i < samples.size(); ++i) {
    scratch.clear();
    AppendDoubleField(kSampleValue, samples.values[i], &scratch);
    AppendVarintField(kSampleTimestamp, static_cast<uint64_t>(samples.timestamps[i]), &scratch);
    AppendBytesField(kSeriesSample, scratch, out);
  }
}

void AppendHistogramFields(const HistogramColumns& histograms, std::string* out) {
  std::string message, scratch;
  for (size_t i = 0; i < histograms.size(); ++i) {
    message.clear();
    AppendHistogram(histograms.timestamps()[i], histograms[i], scratch, &message);
    AppendBytesField(kSeriesHistogram, message, out);
  }
}

}  // namespace tidemark::http
