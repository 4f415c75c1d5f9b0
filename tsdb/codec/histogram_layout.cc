#include "tsdb/codec/histogram_layout.h"

#include <cstdint>
#include <limits>
#include <optional>

#include "base/io/varint.h"
#include "tsdb/codec/exact_double.h"

namespace tidemark::tsdb {
namespace {

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

}  // namespace

void AppendHistogramLayout(const HistogramLayout& layout, std::string* out) {
  AppendVarint(ZigZag(layout.schema), out);
  AppendExactDouble(layout.zero_threshold, out);
  AppendSpans(layout.positive_spans, out);
  AppendSpans(layout.negative_spans, out);
  AppendVarint(layout.custom_values.size(), out);
  for (const double value : layout.custom_values) AppendExactDouble(value, out);
}

bool ConsumeHistogramLayout(std::string_view& bytes, HistogramLayout* layout) {
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
  layout->custom_values.clear();
  for (uint64_t i = 0; i < *num_custom; ++i) {
    const std::optional<double> value = ConsumeExactDouble(bytes);
    if (!value) return false;
    layout->custom_values.push_back(*value);
  }
  return true;
}

}  // namespace tidemark::tsdb
