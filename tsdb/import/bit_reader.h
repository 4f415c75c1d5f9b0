#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "tsdb/import/byte_decoder.h"

namespace tidemark::tsdb {

// How many bits a varbit has after as many ones as its width is in this list.
inline constexpr uint32_t kVarbitWidths[] = {0, 3, 6, 9, 12, 18, 25, 56, 64};

// Reads the bits of a chunk of Prometheus, high bits of a byte first. One thread.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes), num_bits_(bytes.size() * 8) {}

  // The next `count` bits, 1 to 64; ok() is false where there are not so many.
  uint64_t Read(uint64_t count) {
    if (count > num_bits_ - at_) {
      ok_ = false;
      return 0;
    }
    const size_t first = at_ / 8, shift = at_ % 8;
    at_ += count;
    uint64_t word = WordAt(first) << shift;
    if (count + shift > 64) word |= ByteAt(first + 8) >> (8 - shift);
    return word >> (64 - count);
  }
  // A varint, whose bytes need not begin at a byte.
  uint64_t ReadUvarint() {
    std::string bytes;
    do {
      bytes.push_back(static_cast<char>(Read(8)));
    } while (ok_ && static_cast<uint8_t>(bytes.back()) >= 0x80 && bytes.size() < kMaxVarintBytes);
    ByteDecoder decoder(bytes);
    const uint64_t value = decoder.Uvarint();
    ok_ = ok_ && decoder.ok();
    return value;
  }
  // A number whose width the ones in front of it say: 0 is 0; 10, 110, ... and 11111111 come before
  // 3, 6, 9, 12, 18, 25, 56 and 64 bits of it.
  uint64_t ReadVarbitUnsigned() {
    uint64_t width = 0;
    return ReadVarbitBits(&width);
  }
  // The same in two's complement, but that the highest number of a width is 2^(width - 1).
  int64_t ReadVarbit() {
    uint64_t width = 0;
    const uint64_t bits = ReadVarbitBits(&width);
    const bool negative = width > 0 && width < 64 && bits > uint64_t{1} << (width - 1);
    return static_cast<int64_t>(negative ? bits - (uint64_t{1} << width) : bits);
  }
  bool ok() const { return ok_; }

 private:
  static_assert(std::endian::native == std::endian::little, "WordAt swaps bytes");

  uint64_t ReadVarbitBits(uint64_t* width) {
    size_t ones = 0;
    while (ones < 8 && Read(1) == 1) ++ones;
    *width = kVarbitWidths[ones];
    return *width == 0 ? 0 : Read(*width);
  }
  uint64_t ByteAt(size_t i) const {
    return i < bytes_.size() ? static_cast<uint8_t>(bytes_[i]) : 0;
  }
  // Eight bytes, the first of them highest; zeros past the end.
  uint64_t WordAt(size_t i) const {
    uint64_t word = 0;
    if (bytes_.size() >= i + sizeof(word)) {
      std::memcpy(&word, bytes_.data() + i, sizeof(word));
      return __builtin_bswap64(word);
    }
    for (size_t k = 0; k < sizeof(word); ++k) word = word << 8 | ByteAt(i + k);
    return word;
  }

  const std::string_view bytes_;
  const uint64_t num_bits_;
  uint64_t at_ = 0;
  bool ok_ = true;
};

// The values of one column of a chunk, each as XOR with the one before: 0 is the same bits; 10
// comes before the bits in the window of before; 11 before a new window: 5 bits of leading zeros, 6
// bits of length (0 is 64), and then the bits.
class XorReader {
 public:
  // False where the bits cannot be a value.
  bool Next(BitReader& bits, uint64_t& value) {
    if (bits.Read(1) == 0) return bits.ok();
    if (bits.Read(1) == 1) {
      leading_ = bits.Read(5);
      width_ = bits.Read(6);
      if (width_ == 0) width_ = 64;
      if (leading_ + width_ > 64) return false;
    }
    value ^= bits.Read(width_) << (64 - leading_ - width_);
    return bits.ok();
  }

 private:
  uint64_t leading_ = 0, width_ = 64;
};

}  // namespace tidemark::tsdb
