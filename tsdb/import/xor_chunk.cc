#include "tsdb/import/xor_chunk.h"

#include <bit>

#include "base/strings.h"
#include "tsdb/import/bit_reader.h"

// 2  number of samples, big-endian
//    then a stream of bits, high bits first:
//    varint t0, 64 bits v0; uvarint t1 - t0, value v1; and for each sample after them the delta of
//    delta of its timestamp and its value, until the number is reached; padded with zero bits.
// Delta of delta: 0 is 0; 10, 110, 1110 and 1111 come before 14, 17, 20 and 64 bits of it.
// Value: XorReader.

namespace tidemark::tsdb {
namespace {

constexpr size_t kHeaderBytes = 2;
constexpr uint64_t kMaxTimestampBits = 64;

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
  XorReader values;
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
