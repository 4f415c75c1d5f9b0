#include "tsdb/codec/bit_packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace tidemark::tsdb {
namespace {

static_assert(std::endian::native == std::endian::little, "packed words are read as they lie");

template <typename Word>
uint64_t LoadWord(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

constexpr uint64_t LowBits(int width) {
  return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

// Value `kIndex` of a block. Reads whole 32-bit words of the block and never past its last one.
template <int kWidth, size_t kIndex>
uint64_t UnpackOne(const char* packed) {
  constexpr size_t kFirstBit = kIndex * kWidth;
  constexpr int kShift = kFirstBit % 32;
  const char* word = packed + kFirstBit / 32 * 4;
  if constexpr (kWidth == 0) {
    return 0;
  } else if constexpr (kShift + kWidth <= 32) {
    return (LoadWord<uint32_t>(word) >> kShift) & LowBits(kWidth);
  } else if constexpr (kShift + kWidth <= 64) {
    return (LoadWord<uint64_t>(word) >> kShift) & LowBits(kWidth);
  } else {
    const uint64_t low = LoadWord<uint64_t>(word) >> kShift;
    return (low | LoadWord<uint32_t>(word + 8) << (64 - kShift)) & LowBits(kWidth);
  }
}

template <int kWidth>
void UnpackBlock(const char* packed, uint64_t* values) {
  [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
    ((values[kIndex] = UnpackOne<kWidth, kIndex>(packed)), ...);
  }
  (std::make_index_sequence<kPackedValues>());
}

using Unpacker = void (*)(const char*, uint64_t*);
constexpr auto kUnpackers = []<int... kWidth>(std::integer_sequence<int, kWidth...>) {
  return std::array<Unpacker, sizeof...(kWidth)>{&UnpackBlock<kWidth>...};
}
(std::make_integer_sequence<int, kMaxPackedWidth + 1>());

}  // namespace

void PackBits(std::span<const uint64_t> values, int width, std::string* out) {
  const size_t start = out->size();
  const size_t num_bytes = PackedBytes(values.size(), width);
  // Whole words are written; the last may reach past the end, which is cut off again.
  out->resize(start + num_bytes + sizeof(uint64_t));
  char* to = out->data() + start;
  uint64_t pending = 0;
  int num_pending = 0;
  for (uint64_t value : values) {
    value &= LowBits(width);
    pending |= value << num_pending;
    num_pending += width;
    if (num_pending < 64) continue;
    std::memcpy(to, &pending, sizeof(pending));
    to += sizeof(pending);
    num_pending -= 64;
    // What did not fit; a shift by all 64 bits would be undefined.
    pending = num_pending == 0 ? 0 : value >> (width - num_pending);
  }
  std::memcpy(to, &pending, sizeof(pending));
  out->resize(start + num_bytes);
}

void UnpackBits(const char* packed, int width, std::span<uint64_t> values) {
  const Unpacker unpack = kUnpackers[static_cast<size_t>(width)];
  if (values.size() == kPackedValues) {
    unpack(packed, values.data());
    return;
  }
  // The unpackers read and write whole blocks.
  std::array<char, PackedBytes(kPackedValues, kMaxPackedWidth)> padded{};
  std::array<uint64_t, kPackedValues> unpacked;
  std::copy_n(packed, PackedBytes(values.size(), width), padded.begin());
  unpack(padded.data(), unpacked.data());
  std::copy_n(unpacked.begin(), values.size(), values.begin());
}

}  // namespace tidemark::tsdb
