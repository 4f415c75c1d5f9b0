#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/io/protobuf_tag.h"
#include "base/io/varint.h"

// Fields of protobuf messages, appended to the message.
namespace tidemark {

// Of the types int32, int64, uint32, uint64, bool and enum; sint32 and sint64 as ZigZag.
inline void AppendVarintField(uint32_t field, uint64_t value, std::string* out) {
  AppendVarint(VarintTag(field), out);
  AppendVarint(value, out);
}

// A double without a tag, as packed fields have them.
inline void AppendFixed64(double value, std::string* out) {
  const auto bits = std::bit_cast<uint64_t>(value);
  char bytes[sizeof(bits)];
  for (size_t i = 0; i < sizeof(bits); ++i) bytes[i] = static_cast<char>(bits >> (8 * i));
  out->append(bytes, sizeof(bytes));
}

inline void AppendDoubleField(uint32_t field, double value, std::string* out) {
  AppendVarint(Fixed64Tag(field), out);
  AppendFixed64(value, out);
}

// A string, bytes or a message.
inline void AppendBytesField(uint32_t field, std::string_view bytes, std::string* out) {
  AppendVarint(BytesTag(field), out);
  AppendLengthPrefixed(bytes, out);
}

}  // namespace tidemark
