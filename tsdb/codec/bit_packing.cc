#include "tsdb/codec/bit_packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "tsdb/codec/vector_loops.h"

#ifdef __x86_64__
#include <immintrin.h>
#define TIDEMARK_AVX2 __attribute__((target("avx2")))
#endif

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

namespace portable {

void UnpackBits(std::string_view packed, int width, std::span<uint64_t> values) {
  const Unpacker unpack = kUnpackers[static_cast<size_t>(width)];
  const size_t block_bytes = PackedBytes(kPackedValues, width);
  const char* from = packed.data();
  for (; values.size() >= kPackedValues; values = values.subspan(kPackedValues)) {
    unpack(from, values.data());
    from += block_bytes;
  }
  if (values.empty()) return;
  // The unpackers read and write whole blocks.
  std::array<char, PackedBytes(kPackedValues, kMaxPackedWidth)> padded{};
  std::array<uint64_t, kPackedValues> unpacked;
  std::copy_n(from, PackedBytes(values.size(), width), padded.begin());
  unpack(padded.data(), unpacked.data());
  std::copy_n(unpacked.begin(), values.size(), values.begin());
}

}  // namespace portable

#ifdef __x86_64__
namespace {

// Eight values of `width` bits take `width` bytes, so that every octet looks the same. Two values
// and the bits in front of them lie within 16 bytes up to this width.
constexpr int kMaxOctetWidth = 57;
constexpr size_t kOctet = 8;
constexpr size_t kPairBytes = 16;

// How two pairs of values come into four lanes.
struct Quartet {
  alignas(32) std::array<uint8_t, 32> bytes;   // for each byte of the lanes, which one of its pair
  alignas(32) std::array<uint64_t, 4> shifts;  // then down by so many bits
  std::array<size_t, 2> pairs;                 // where the pairs start in the octet
};
using Octet = std::array<Quartet, 2>;

constexpr Quartet MakeQuartet(int width, int first_value) {
  Quartet quartet{};
  for (int lane = 0; lane < 4; ++lane) {
    const int pair_byte = (first_value + lane / 2 * 2) * width / 8;
    const int bit = (first_value + lane) * width - 8 * pair_byte;
    quartet.pairs[static_cast<size_t>(lane / 2)] = static_cast<size_t>(pair_byte);
    quartet.shifts[static_cast<size_t>(lane)] = static_cast<uint64_t>(bit % 8);
    for (int i = 0; i < 8; ++i) {
      quartet.bytes[static_cast<size_t>(8 * lane + i)] = static_cast<uint8_t>(bit / 8 + i);
    }
  }
  return quartet;
}

constexpr auto kOctets = [] {
  std::array<Octet, kMaxOctetWidth + 1> octets{};
  for (int width = 0; width <= kMaxOctetWidth; ++width) {
    octets[static_cast<size_t>(width)] = {MakeQuartet(width, 0), MakeQuartet(width, 4)};
  }
  return octets;
}();

// What an octet reads, its own bytes and some after them.
constexpr size_t OctetReach(int width) { return static_cast<size_t>(6 * width / 8) + kPairBytes; }

TIDEMARK_AVX2 __m256i Load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

// Half the values of the octets of one width.
class QuartetUnpacker {
 public:
  TIDEMARK_AVX2 QuartetUnpacker(int width, size_t half)
      : quartet_(kOctets[static_cast<size_t>(width)][half]),
        bytes_(Load(&quartet_.bytes)),
        shifts_(Load(&quartet_.shifts)),
        mask_(_mm256_set1_epi64x(static_cast<int64_t>(LowBits(width)))) {}

  TIDEMARK_AVX2 __m256i Unpack(const char* octet) const {
    const __m256i pairs =
        _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(octet + quartet_.pairs[1]),
                            reinterpret_cast<const __m128i*>(octet + quartet_.pairs[0]));
    return _mm256_and_si256(_mm256_srlv_epi64(_mm256_shuffle_epi8(pairs, bytes_), shifts_), mask_);
  }

 private:
  const Quartet& quartet_;
  const __m256i bytes_, shifts_, mask_;
};

TIDEMARK_AVX2 void Store(uint64_t* to, __m256i values) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), values);
}
// The first of four values only, none where `count` is not positive.
TIDEMARK_AVX2 void StoreSome(uint64_t* to, __m256i values, int64_t count) {
  const __m256i lanes =
      _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_set_epi64x(3, 2, 1, 0));
  _mm256_maskstore_epi64(reinterpret_cast<long long*>(to), lanes, values);
}

// Unpacks `num_octets`, and of the next one `num_more` < 8 values. Reads OctetReach of each.
TIDEMARK_AVX2 void UnpackOctets(const char* packed, int width, size_t num_octets, size_t num_more,
                                uint64_t* values) {
  const QuartetUnpacker low(width, 0), high(width, 1);
  for (size_t i = 0; i < num_octets; ++i) {
    Store(values, low.Unpack(packed));
    Store(values + kOctet / 2, high.Unpack(packed));
    packed += width;
    values += kOctet;
  }
  if (num_more == 0) return;
  const auto count = static_cast<int64_t>(num_more);
  StoreSome(values, low.Unpack(packed), count);
  StoreSome(values + kOctet / 2, high.Unpack(packed), count - 4);
}

void UnpackByOctets(std::string_view packed, int width, std::span<uint64_t> values) {
  const auto step = static_cast<size_t>(width);
  const size_t reach = OctetReach(width);
  if (packed.size() >= reach) {
    const size_t num_direct = std::min(values.size() / kOctet, (packed.size() - reach) / step + 1);
    UnpackOctets(packed.data(), width, num_direct, 0, values.data());
    values = values.subspan(num_direct * kOctet);
    if (values.empty()) return;
    packed.remove_prefix(num_direct * step);
  }
  // What lies too near to the end of `packed`, or is less than an octet, is unpacked from a copy
  // with room behind it: less than `reach` bytes, or else less than an octet.
  constexpr size_t kMaxReach = OctetReach(kMaxOctetWidth);
  std::array<char, 2 * kMaxReach> padded;
  const size_t num_copied = std::min(packed.size(), kMaxReach);
  packed.copy(padded.data(), num_copied);
  std::memset(padded.data() + num_copied, 0, kMaxReach);
  UnpackOctets(padded.data(), width, values.size() / kOctet, values.size() % kOctet, values.data());
}

}  // namespace

void UnpackBits(std::string_view packed, int width, std::span<uint64_t> values) {
  if (width == 0) {
    std::fill(values.begin(), values.end(), 0);
  } else if (width <= kMaxOctetWidth && HasVectorLoops()) {
    UnpackByOctets(packed, width, values);
  } else {
    portable::UnpackBits(packed, width, values);
  }
}

#else

void UnpackBits(std::string_view packed, int width, std::span<uint64_t> values) {
  portable::UnpackBits(packed, width, values);
}

#endif

}  // namespace tidemark::tsdb
