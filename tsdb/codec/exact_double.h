#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/io/varint.h"
#include "base/model/sample.h"

// One double, all 64 bits of it, in as few bytes as a whole number deserves:
//   v  zigzag of the number << 1, where it is whole and its magnitude below 2^53
//   v  1, then the 8 bytes of the double, for all else
namespace tidemark::tsdb {

// Below it every whole number is a double.
inline constexpr double kMaxWholeNumber = 9007199254740992.0;  // 2^53

inline void AppendRawDouble(double value, std::string* out) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out->append(bytes, sizeof(bytes));
}
inline std::optional<double> ConsumeRawDouble(std::string_view& bytes) {
  double value;
  if (bytes.size() < sizeof(value)) return std::nullopt;
  std::memcpy(&value, bytes.data(), sizeof(value));
  bytes.remove_prefix(sizeof(value));
  return value;
}

inline void AppendExactDouble(double value, std::string* out) {
  if (std::abs(value) < kMaxWholeNumber) {
    const auto whole = static_cast<int64_t>(value);
    if (SameBits(static_cast<double>(whole), value)) return AppendVarint(ZigZag(whole) << 1, out);
  }
  out->push_back(1);
  AppendRawDouble(value, out);
}
inline std::optional<double> ConsumeExactDouble(std::string_view& bytes) {
  const std::optional<uint64_t> head = ConsumeVarint(bytes);
  if (!head) return std::nullopt;
  if (*head == 1) return ConsumeRawDouble(bytes);
  if ((*head & 1) != 0) return std::nullopt;
  return static_cast<double>(UnZigZag(*head >> 1));
}

}  // namespace tidemark::tsdb
