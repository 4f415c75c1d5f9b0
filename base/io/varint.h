#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// LEB128 variable-length integers: seven bits a byte, low bits first, the high bit says that more
// follow.
namespace tidemark {

inline constexpr size_t kMaxVarintBytes = 10;

inline void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

// Drops the integer at the front of `bytes` and returns it; nullopt where `bytes` ends too soon or
// the integer does not fit 64 bits.
inline std::optional<uint64_t> ConsumeVarint(std::string_view& bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size() && i < kMaxVarintBytes; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    if (i == kMaxVarintBytes - 1 && byte > 1) return std::nullopt;
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      bytes.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

// A varint length and that many bytes.
inline void AppendLengthPrefixed(std::string_view value, std::string* out) {
  AppendVarint(value.size(), out);
  out->append(value);
}
inline std::optional<std::string_view> ConsumeLengthPrefixed(std::string_view& bytes) {
  std::string_view rest = bytes;
  const std::optional<uint64_t> length = ConsumeVarint(rest);
  if (!length || *length > rest.size()) return std::nullopt;
  const std::string_view value = rest.substr(0, *length);
  bytes = rest.substr(*length);
  return value;
}

// Maps small magnitudes of either sign to small unsigned numbers: 0, -1, 1, -2 to 0, 1, 2, 3.
constexpr uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

}  // namespace tidemark
