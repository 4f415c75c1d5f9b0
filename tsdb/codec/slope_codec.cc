#include "tsdb/codec/slope_codec.h"

#include <optional>

#include "base/io/varint.h"
#include "tsdb/codec/vector_loops.h"

namespace tidemark::tsdb {
namespace {

uint64_t StepAt(std::span<const int64_t> values, size_t i) {
  return static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]);
}

}  // namespace

bool SlopeCodec::Fits(std::span<const int64_t> values) {
  for (size_t i = 2; i < values.size(); ++i) {
    if (StepAt(values, i) != StepAt(values, 1)) return false;
  }
  return true;
}

void SlopeCodec::Encode(std::span<const int64_t> values, std::string* out) {
  if (values.empty()) return;
  AppendVarint(ZigZag(values[0]), out);
  if (values.size() > 1) AppendVarint(ZigZag(static_cast<int64_t>(StepAt(values, 1))), out);
}

absl::Status SlopeCodec::Decode(std::string_view& bytes, std::span<int64_t> values) {
  if (values.empty()) return absl::OkStatus();
  const std::optional<uint64_t> first = ConsumeVarint(bytes);
  const std::optional<uint64_t> step = values.size() > 1 ? ConsumeVarint(bytes) : 0;
  if (!first || !step) return absl::DataLossError("damaged slope column");
  FillLine(values, static_cast<uint64_t>(UnZigZag(*first)), static_cast<uint64_t>(UnZigZag(*step)));
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
