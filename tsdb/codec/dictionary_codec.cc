#include "tsdb/codec/dictionary_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/model/sample.h"
#include "tsdb/codec/bit_packing.h"
#include "tsdb/codec/exact_double.h"

namespace tidemark::tsdb {
namespace {

absl::Status Damaged() { return absl::DataLossError("damaged dictionary column"); }

int IndexWidth(size_t num_entries) { return static_cast<int>(std::bit_width(num_entries - 1)); }

}  // namespace

bool DictionaryCodec::Encode(std::span<const double> values, std::string* out) {
  if (values.empty()) return true;
  std::array<double, kMaxEntries> entries;
  size_t num_entries = 0;
  static thread_local std::vector<uint64_t> indexes;
  indexes.clear();
  for (const double value : values) {
    size_t index = 0;
    while (index < num_entries && !SameBits(entries[index], value)) ++index;
    if (index == kMaxEntries) return false;
    if (index == num_entries) entries[num_entries++] = value;
    indexes.push_back(index);
  }
  out->push_back(static_cast<char>(num_entries));
  for (size_t i = 0; i < num_entries; ++i) AppendExactDouble(entries[i], out);
  PackBits(indexes, IndexWidth(num_entries), out);
  return true;
}

absl::Status DictionaryCodec::Decode(std::string_view& bytes, std::span<double> values) {
  if (values.empty()) return absl::OkStatus();
  if (bytes.empty()) return Damaged();
  const size_t num_entries = static_cast<uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  if (num_entries == 0 || num_entries > kMaxEntries) return Damaged();
  std::array<double, kMaxEntries> entries{};
  for (size_t i = 0; i < num_entries; ++i) {
    const std::optional<double> entry = ConsumeExactDouble(bytes);
    if (!entry) return Damaged();
    entries[i] = *entry;
  }
  const int width = IndexWidth(num_entries);
  if (bytes.size() < PackedBytes(values.size(), width)) return Damaged();
  uint64_t highest = 0;
  while (!values.empty()) {
    std::array<uint64_t, kPackedValues> indexes;
    const size_t count = std::min(indexes.size(), values.size());
    UnpackBits(bytes, width, std::span(indexes).first(count));
    bytes.remove_prefix(PackedBytes(count, width));
    for (size_t i = 0; i < count; ++i) {
      highest = std::max(highest, indexes[i]);
      values[i] = entries[indexes[i]];  // at most kMaxEntries numbers fit the width
    }
    values = values.subspan(count);
  }
  return highest < num_entries ? absl::OkStatus() : Damaged();
}

}  // namespace tidemark::tsdb
