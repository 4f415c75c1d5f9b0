#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

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

// Reads values of `width` bits from the front of `packed`, which holds at least
// PackedBytes(values.size(), width) bytes; what else it holds may be read but decides nothing.
// Cost: under a cycle a value with AVX2 (vector_loops.h) and widths up to 57, else about one and a
// half; some ten nanoseconds where `packed` ends with the values.
void UnpackBits(std::string_view packed, int width, std::span<uint64_t> values);

// What UnpackBits does without AVX2, for tests to compare.
namespace portable {
void UnpackBits(std::string_view packed, int width, std::span<uint64_t> values);
}  // namespace portable

}  // namespace tidemark::tsdb
