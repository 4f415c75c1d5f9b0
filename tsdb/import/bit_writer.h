#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/io/varint.h"
#include "tsdb/import/bit_reader.h"

namespace tidemark::tsdb {

// Writes the bits of a chunk of Prometheus, high bits of a byte first: what BitReader reads. One
// thread.
class BitWriter {
 public:
  // `bytes` come first.
  explicit BitWriter(std::string bytes) : bytes_(std::move(bytes)) {}

  // The lowest `count` bits of `value`, 0 to 64.
  void Write(uint64_t value, uint32_t count) {
    if (count > 32) {
      WriteShort(value >> 32, count - 32);
      count = 32;
    }
    WriteShort(value, count);
  }
  // A varint, whose bytes need not begin at a byte.
  void WriteUvarint(uint64_t value) {
    std::string bytes;
    AppendVarint(value, &bytes);
    for (const char c : bytes) Write(static_cast<uint8_t>(c), 8);
  }
  // BitReader::ReadVarbitUnsigned.
  void WriteVarbitUnsigned(uint64_t value) {
    size_t width = 0;
    while (width < 8 && std::countl_zero(value) < 64 - static_cast<int>(kVarbitWidths[width]))
      ++width;
    WriteVarbitBits(value, width);
  }
  // BitReader::ReadVarbit.
  void WriteVarbit(int64_t value) {
    size_t width = 0;
    while (width < 8 && !FitsSigned(value, kVarbitWidths[width])) ++width;
    WriteVarbitBits(static_cast<uint64_t>(value), width);
  }
  // Whether `value` is one of the `width` bits' numbers: one more above zero than below it.
  static bool FitsSigned(int64_t value, uint32_t width) {
    if (width == 0) return value == 0;
    const int64_t highest = int64_t{1} << (width - 1);
    return -highest < value && value <= highest;
  }

  // What was written, padded with zero bits.
  std::string TakeBytes() && {
    if (num_pending_ > 0) Write(0, 8 - num_pending_);
    return std::move(bytes_);
  }

 private:
  void WriteShort(uint64_t value, uint32_t count) {  // at most 32
    pending_ = pending_ << count | (value & ((uint64_t{1} << count) - 1));
    num_pending_ += count;
    while (num_pending_ >= 8) {
      num_pending_ -= 8;
      bytes_.push_back(static_cast<char>(pending_ >> num_pending_));
    }
  }
  void WriteVarbitBits(uint64_t value, size_t width) {
    // As many ones as the width is in the list, and a zero, but after the last one.
    const auto ones = static_cast<uint32_t>(width);
    Write(width < 8 ? (uint64_t{1} << (ones + 1)) - 2 : 0xff, width < 8 ? ones + 1 : 8);
    Write(value, kVarbitWidths[width]);
  }

  std::string bytes_;
  uint64_t pending_ = 0;  // the lowest bits of it, not in bytes_ yet
  uint32_t num_pending_ = 0;
};

// Writes the values of one column: what XorReader reads.
class XorWriter {
 public:
  // The value after `before`, which becomes it.
  void Next(BitWriter& bits, uint64_t& before, uint64_t value) {
    const uint64_t changed = std::exchange(before, value) ^ value;
    if (changed == 0) return bits.Write(0, 1);
    const auto leading = static_cast<uint32_t>(std::min(std::countl_zero(changed), 31));
    const auto trailing = static_cast<uint32_t>(std::countr_zero(changed));
    if (width_ > 0 && leading >= leading_ && trailing >= 64 - leading_ - width_) {
      bits.Write(0b10, 2);
    } else {
      leading_ = leading;
      width_ = 64 - leading - trailing;
      bits.Write(0b11, 2);
      bits.Write(leading_, 5);
      bits.Write(width_, 6);  // of 64 the lowest bits: 0
    }
    bits.Write(changed >> (64 - leading_ - width_), width_);
  }

 private:
  uint32_t leading_ = 0, width_ = 0;  // of the window; no width: there is none yet
};

}  // namespace tidemark::tsdb
