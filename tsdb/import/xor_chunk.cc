#include "tsdb/import/xor_chunk.h"

#include <bit>
#include <cstring>

#include "base/strings.h"
#include "tsdb/import/byte_decoder.h"

// 2  number of samples, big-endian
//    then a stream of bits, high bits first:
//    varint t0, 64 bits v0; uvarint t1 - t0, value v1; and for each sample after them the delta of
//    delta of its timestamp and its value, until the number is reached; padded with zero bits.
// Delta of delta: 0 is 0; 10, 110, 1110 and 1111 come before 14, 17, 20 and 64 bits of it.
// Value, as XOR with the one before: 0 is the same bits; 10 the bits in the window of before; 11 a
// new window: 5 bits of leading zeros, 6 bits of length (0 is 64), and then the bits.

namespace tidemark::tsdb {
namespace {

static_assert(std::endian::native == std::endian::little, "WordAt swaps bytes");

constexpr size_t kHeaderBytes = 2;
constexpr uint64_t kMaxTimestampBits = 64;

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
  bool ok() const { return ok_; }

 private:
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

uint64_t ReadDeltaOfDelta(BitReader& bits) {
  constexpr uint64_t kWidths[] = {0, 14, 17, 20, kMaxTimestampBits};
  size_t ones = 0;
  while (ones < 4 && bits.Read(1) == 1) ++ones;
  const uint64_t width = kWidths[ones];
  if (width == 0) return 0;
  uint64_t value = bits.Read(width);
  // The highest number of a width is 2^(width - 1), not one less.
  if (width < kMaxTimestampBits && value > uint64_t{1} << (width - 1)) {
    value -= uint64_t{1} << width;
  }
  return value;
}

// The values of one chunk, each given the one before.
class ValueReader {
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

}  // namespace

uint16_t NumSamplesOfChunk(std::string_view data) {
  return data.size() < kHeaderBytes ? 0 : ByteDecoder(data).Be16();
}

absl::Status DecodeXorChunk(std::string_view data, SampleColumns& out) {
  const size_t num_before = out.size();
  const auto damaged = [&](size_t i) {
    out.timestamps.resize(num_before);
    out.values.resize(num_before);
    return absl::DataLossError(StrCat("XOR chunk is damaged at sample ", i));
  };
  if (data.size() < kHeaderBytes) return damaged(0);
  const size_t num_samples = NumSamplesOfChunk(data);
  BitReader bits(data.substr(kHeaderBytes));
  ValueReader values;
  uint64_t delta = 0, value = 0;
  TimestampMs timestamp = 0;
  for (size_t i = 0; i < num_samples; ++i) {
    if (i == 0) {
      timestamp = UnZigZag(bits.ReadUvarint());
      value = bits.Read(64);
    } else {
      delta = i == 1 ? bits.ReadUvarint() : delta + ReadDeltaOfDelta(bits);
      const auto step = static_cast<DurationMs>(delta);
      if (step <= 0 || __builtin_add_overflow(timestamp, step, &timestamp)) return damaged(i);
      if (!values.Next(bits, value)) return damaged(i);
    }
    if (!bits.ok()) return damaged(i);
    out.push_back(timestamp, std::bit_cast<double>(value));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
