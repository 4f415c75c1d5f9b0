#pragma once

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/io/protobuf_tag.h"
#include "base/io/varint.h"

// Fields of protobuf messages, as bytes; concatenated they are a message.
namespace tidemark::testing {

inline void AppendDouble(double value, std::string* out) {
  const auto bits = std::bit_cast<uint64_t>(value);
  for (int i = 0; i < 8; ++i) out->push_back(static_cast<char>(bits >> (8 * i)));
}

inline std::string VarintField(uint32_t field, uint64_t value) {
  std::string out;
  AppendVarint(VarintTag(field), &out);
  AppendVarint(value, &out);
  return out;
}
// sint32, sint64
inline std::string SignedField(uint32_t field, int64_t value) {
  return VarintField(field, ZigZag(value));
}
inline std::string DoubleField(uint32_t field, double value) {
  std::string out;
  AppendVarint(Fixed64Tag(field), &out);
  AppendDouble(value, &out);
  return out;
}
// A string, bytes or message.
inline std::string BytesField(uint32_t field, std::string_view bytes) {
  std::string out;
  AppendVarint(BytesTag(field), &out);
  AppendLengthPrefixed(bytes, &out);
  return out;
}

inline std::string PackedVarints(uint32_t field, std::initializer_list<uint64_t> values) {
  std::string packed;
  for (const uint64_t value : values) AppendVarint(value, &packed);
  return BytesField(field, packed);
}
inline std::string PackedSigned(uint32_t field, std::initializer_list<int64_t> values) {
  std::string packed;
  for (const int64_t value : values) AppendVarint(ZigZag(value), &packed);
  return BytesField(field, packed);
}
inline std::string PackedDoubles(uint32_t field, std::initializer_list<double> values) {
  std::string packed;
  for (const double value : values) AppendDouble(value, &packed);
  return BytesField(field, packed);
}

}  // namespace tidemark::testing
