#include "tsdb/codec/histogram_codec.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/io/varint.h"
#include "base/model/sample.h"
#include "base/status_macros.h"
#include "tsdb/codec/exact_double.h"
#include "tsdb/codec/integer_codec.h"
#include "tsdb/codec/value_column.h"

namespace tidemark::tsdb {
namespace {

absl::Status Damaged() { return absl::DataLossError("damaged column of histograms"); }

template <typename Count>
using Samples = std::span<const BasicHistogramSample<Count>>;

// A column of counts, gathered from the samples by `get` or scattered into them.
template <typename Count, typename Get>
void AppendCounts(Samples<Count> samples, Get get, std::string* out) {
  if constexpr (std::is_same_v<Count, double>) {
    static thread_local std::vector<double> column;
    column.clear();
    for (const auto& sample : samples) column.push_back(get(sample));
    AppendValueColumn(column, Nesting::kOutermost, out);
  } else {
    static thread_local std::vector<int64_t> column;
    column.clear();
    for (const auto& sample : samples) column.push_back(static_cast<int64_t>(get(sample)));
    IntegerCodec::Encode(column, out);
  }
}

template <typename Count, typename Get>
absl::Status ConsumeCounts(std::string_view& bytes, std::span<BasicHistogramSample<Count>> samples,
                           Get get) {
  if constexpr (std::is_same_v<Count, double>) {
    static thread_local std::vector<double> column;
    column.resize(samples.size());
    RETURN_IF_ERROR(ConsumeValueColumn(bytes, Nesting::kOutermost, column));
    for (size_t i = 0; i < samples.size(); ++i) get(samples[i]) = column[i];
  } else {
    static thread_local std::vector<int64_t> column;
    column.resize(samples.size());
    RETURN_IF_ERROR(IntegerCodec::Decode(bytes, column));
    for (size_t i = 0; i < samples.size(); ++i) get(samples[i]) = static_cast<Count>(column[i]);
  }
  return absl::OkStatus();
}

// All buckets of a sample and its zero bucket: what the count is expected to be.
uint64_t SumOfBuckets(const HistogramSample& sample) {
  uint64_t sum = sample.zero_count;
  for (const uint64_t count : sample.positive_counts) sum += count;
  for (const uint64_t count : sample.negative_counts) sum += count;
  return sum;
}

uint64_t NumBuckets(const std::vector<BucketSpan>& spans) {
  uint64_t num_buckets = 0;
  for (const BucketSpan& span : spans) num_buckets += span.length;
  return num_buckets;
}

template <typename Count>
bool SameLayout(const BasicHistogramSample<Count>& a, const BasicHistogramSample<Count>& b) {
  return a.layout == b.layout || SameBits(*a.layout, *b.layout);
}

// How many of `samples`, from the first on, share its layout.
template <typename Count>
size_t RunLength(Samples<Count> samples) {
  size_t length = 1;
  while (length < samples.size() && SameLayout(samples[length], samples[0])) ++length;
  return length;
}

template <typename Count>
absl::Status Check(Samples<Count> samples) {
  size_t num_counts = 0;
  for (const auto& sample : samples) {
    if (sample.layout == nullptr) return absl::InvalidArgumentError("histogram without a layout");
    if (sample.positive_counts.size() != NumBuckets(sample.layout->positive_spans) ||
        sample.negative_counts.size() != NumBuckets(sample.layout->negative_spans)) {
      return absl::InvalidArgumentError("spans of a histogram differ from its counts");
    }
    if (sample.counter_reset_hint > CounterResetHint::kGauge) {
      return absl::InvalidArgumentError("histogram with an unknown counter reset hint");
    }
    num_counts += sample.positive_counts.size() + sample.negative_counts.size();
  }
  if (num_counts > kMaxHistogramCounts) {
    return absl::InvalidArgumentError("too many buckets for a chunk of histograms");
  }
  return absl::OkStatus();
}

void AppendSpans(const std::vector<BucketSpan>& spans, std::string* out) {
  AppendVarint(spans.size(), out);
  for (const BucketSpan& span : spans) {
    AppendVarint(ZigZag(span.offset), out);
    AppendVarint(span.length, out);
  }
}

bool ConsumeSpans(std::string_view& bytes, std::vector<BucketSpan>* spans) {
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  if (!count || *count > bytes.size() / 2) return false;
  spans->resize(*count);
  for (BucketSpan& span : *spans) {
    const std::optional<uint64_t> offset = ConsumeVarint(bytes);
    const std::optional<uint64_t> length = ConsumeVarint(bytes);
    if (!offset || *offset > std::numeric_limits<uint32_t>::max()) return false;
    if (!length || *length > std::numeric_limits<uint32_t>::max()) return false;
    span = {static_cast<int32_t>(UnZigZag(*offset)), static_cast<uint32_t>(*length)};
  }
  return true;
}

void AppendLayout(const HistogramLayout& layout, std::string* out) {
  AppendVarint(ZigZag(layout.schema), out);
  AppendExactDouble(layout.zero_threshold, out);
  AppendSpans(layout.positive_spans, out);
  AppendSpans(layout.negative_spans, out);
  AppendVarint(layout.custom_values.size(), out);
  for (const double value : layout.custom_values) AppendExactDouble(value, out);
}

bool ConsumeLayout(std::string_view& bytes, HistogramLayout* layout) {
  const std::optional<uint64_t> schema = ConsumeVarint(bytes);
  if (!schema || *schema > std::numeric_limits<uint32_t>::max()) return false;
  layout->schema = static_cast<int32_t>(UnZigZag(*schema));
  const std::optional<double> zero_threshold = ConsumeExactDouble(bytes);
  if (!zero_threshold) return false;
  layout->zero_threshold = *zero_threshold;
  if (!ConsumeSpans(bytes, &layout->positive_spans)) return false;
  if (!ConsumeSpans(bytes, &layout->negative_spans)) return false;
  const std::optional<uint64_t> num_custom = ConsumeVarint(bytes);
  if (!num_custom || *num_custom > bytes.size()) return false;
  for (uint64_t i = 0; i < *num_custom; ++i) {
    const std::optional<double> value = ConsumeExactDouble(bytes);
    if (!value) return false;
    layout->custom_values.push_back(*value);
  }
  return true;
}

template <typename Count>
void AppendRun(Samples<Count> run, std::string* out) {
  AppendLayout(*run[0].layout, out);
  for (size_t i = 0; i < run[0].positive_counts.size(); ++i) {
    AppendCounts<Count>(
        run, [i](const auto& sample) { return sample.positive_counts[i]; }, out);
  }
  for (size_t i = 0; i < run[0].negative_counts.size(); ++i) {
    AppendCounts<Count>(
        run, [i](const auto& sample) { return sample.negative_counts[i]; }, out);
  }
}

// `counts_left` is what the column may still claim.
template <typename Count>
absl::Status ConsumeRun(std::string_view& bytes, std::span<BasicHistogramSample<Count>> run,
                        size_t* counts_left) {
  auto layout = std::make_shared<HistogramLayout>();
  if (!ConsumeLayout(bytes, layout.get())) return Damaged();
  const uint64_t num_positive = NumBuckets(layout->positive_spans);
  const uint64_t num_negative = NumBuckets(layout->negative_spans);
  // Every bucket is a column of some bytes.
  if (num_positive > bytes.size() || num_negative > bytes.size()) return Damaged();
  const uint64_t num_counts = (num_positive + num_negative) * run.size();
  if (num_counts > *counts_left) return Damaged();
  *counts_left -= num_counts;
  for (auto& sample : run) {
    sample.layout = layout;
    sample.positive_counts.resize(num_positive);
    sample.negative_counts.resize(num_negative);
  }
  for (size_t i = 0; i < num_positive; ++i) {
    RETURN_IF_ERROR(ConsumeCounts<Count>(
        bytes, run, [i](auto& sample) -> Count& { return sample.positive_counts[i]; }));
  }
  for (size_t i = 0; i < num_negative; ++i) {
    RETURN_IF_ERROR(ConsumeCounts<Count>(
        bytes, run, [i](auto& sample) -> Count& { return sample.negative_counts[i]; }));
  }
  return absl::OkStatus();
}

template <typename Count>
void AppendHints(Samples<Count> samples, std::string* out) {
  static thread_local std::vector<double> hints;
  hints.clear();
  for (const auto& sample : samples) {
    hints.push_back(static_cast<double>(sample.counter_reset_hint));
  }
  AppendValueColumn(hints, Nesting::kOutermost, out);
}

template <typename Count>
absl::Status ConsumeHints(std::string_view& bytes, std::span<BasicHistogramSample<Count>> samples) {
  static thread_local std::vector<double> hints;
  hints.resize(samples.size());
  RETURN_IF_ERROR(ConsumeValueColumn(bytes, Nesting::kOutermost, hints));
  for (size_t i = 0; i < samples.size(); ++i) {
    // Not a number is not in the range either.
    const bool known = hints[i] >= 0 && hints[i] <= static_cast<double>(CounterResetHint::kGauge);
    if (!known || hints[i] != std::floor(hints[i])) return Damaged();
    samples[i].counter_reset_hint = static_cast<CounterResetHint>(hints[i]);
  }
  return absl::OkStatus();
}

template <typename Count>
void AppendSums(Samples<Count> samples, std::string* out) {
  static thread_local std::vector<double> sums;
  sums.clear();
  for (const auto& sample : samples) sums.push_back(sample.sum);
  AppendValueColumn(sums, Nesting::kOutermost, out);
}

template <typename Count>
absl::Status ConsumeSums(std::string_view& bytes, std::span<BasicHistogramSample<Count>> samples) {
  static thread_local std::vector<double> sums;
  sums.resize(samples.size());
  RETURN_IF_ERROR(ConsumeValueColumn(bytes, Nesting::kOutermost, sums));
  for (size_t i = 0; i < samples.size(); ++i) samples[i].sum = sums[i];
  return absl::OkStatus();
}

template <typename Count>
void AppendRuns(Samples<Count> samples, std::string* out) {
  while (!samples.empty()) {
    const size_t length = RunLength(samples);
    // 0 for all that are left, as the last run, mostly the only one, is.
    AppendVarint(length == samples.size() ? 0 : length, out);
    AppendRun(samples.first(length), out);
    samples = samples.subspan(length);
  }
}

template <typename Count>
absl::Status ConsumeRuns(std::string_view& bytes, std::span<BasicHistogramSample<Count>> samples) {
  size_t counts_left = kMaxHistogramCounts;
  while (!samples.empty()) {
    const std::optional<uint64_t> stated = ConsumeVarint(bytes);
    if (!stated || *stated >= samples.size()) return Damaged();
    const size_t length = *stated == 0 ? samples.size() : *stated;
    RETURN_IF_ERROR(ConsumeRun(bytes, samples.first(length), &counts_left));
    samples = samples.subspan(length);
  }
  return absl::OkStatus();
}

template <typename Count>
absl::Status AppendColumn(Samples<Count> samples, std::string* out) {
  RETURN_IF_ERROR(Check(samples));
  AppendHints(samples, out);
  AppendSums(samples, out);
  AppendCounts<Count>(
      samples, [](const auto& sample) { return sample.zero_count; }, out);
  AppendRuns(samples, out);
  AppendCounts<Count>(
      samples,
      [](const auto& sample) {
        if constexpr (std::is_same_v<Count, uint64_t>) {
          return sample.count - SumOfBuckets(sample);
        } else {
          return sample.count;
        }
      },
      out);
  return absl::OkStatus();
}

template <typename Count>
absl::Status ConsumeColumn(std::string_view& bytes,
                           std::span<BasicHistogramSample<Count>> samples) {
  RETURN_IF_ERROR(ConsumeHints(bytes, samples));
  RETURN_IF_ERROR(ConsumeSums(bytes, samples));
  RETURN_IF_ERROR(ConsumeCounts<Count>(bytes, samples,
                                       [](auto& sample) -> Count& { return sample.zero_count; }));
  RETURN_IF_ERROR(ConsumeRuns(bytes, samples));
  RETURN_IF_ERROR(
      ConsumeCounts<Count>(bytes, samples, [](auto& sample) -> Count& { return sample.count; }));
  if constexpr (std::is_same_v<Count, uint64_t>) {
    for (auto& sample : samples) sample.count += SumOfBuckets(sample);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AppendHistogramColumn(std::span<const HistogramSample> samples, std::string* out) {
  return AppendColumn<uint64_t>(samples, out);
}
absl::Status AppendHistogramColumn(std::span<const FloatHistogramSample> samples,
                                   std::string* out) {
  return AppendColumn<double>(samples, out);
}

absl::Status ConsumeHistogramColumn(std::string_view& bytes, std::span<HistogramSample> samples) {
  return ConsumeColumn<uint64_t>(bytes, samples);
}
absl::Status ConsumeHistogramColumn(std::string_view& bytes,
                                    std::span<FloatHistogramSample> samples) {
  return ConsumeColumn<double>(bytes, samples);
}

}  // namespace tidemark::tsdb
