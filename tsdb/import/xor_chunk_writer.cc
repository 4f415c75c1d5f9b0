#include "tsdb/import/xor_chunk_writer.h"

#include <bit>
#include <string>
#include <utility>

// Layout: xor_chunk.cc.

namespace tidemark::tsdb {
namespace {

void WriteDeltaOfDelta(int64_t value, BitWriter& bits) {
  if (value == 0) return bits.Write(0, 1);
  if (BitWriter::FitsSigned(value, 14)) {
    bits.Write(0b10, 2);
    bits.Write(static_cast<uint64_t>(value), 14);
  } else if (BitWriter::FitsSigned(value, 17)) {
    bits.Write(0b110, 3);
    bits.Write(static_cast<uint64_t>(value), 17);
  } else if (BitWriter::FitsSigned(value, 20)) {
    bits.Write(0b1110, 4);
    bits.Write(static_cast<uint64_t>(value), 20);
  } else {
    bits.Write(0b1111, 4);
    bits.Write(static_cast<uint64_t>(value), 64);
  }
}

}  // namespace

XorChunkWriter::XorChunkWriter() : bits_(std::string(kNumSamplesBytes, '\0')) {}

void XorChunkWriter::Append(TimestampMs timestamp, double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  const uint64_t delta = static_cast<uint64_t>(timestamp) - static_cast<uint64_t>(range_.max);
  if (num_samples_ == 0) {
    range_.min = timestamp;
    bits_.WriteUvarint(ZigZag(timestamp));
    bits_.Write(bits, 64);
    value_ = bits;
  } else {
    if (num_samples_ == 1) {
      bits_.WriteUvarint(delta);
    } else {
      WriteDeltaOfDelta(static_cast<int64_t>(delta - delta_), bits_);
    }
    delta_ = delta;
    values_.Next(bits_, value_, bits);
  }
  range_.max = timestamp;
  ++num_samples_;
}

PrometheusChunk XorChunkWriter::Finish() && {
  return {ChunkEncoding::kXor, range_, EndChunk(std::move(bits_), num_samples_)};
}

std::string EndChunk(BitWriter bits, size_t num_samples) {
  std::string data = std::move(bits).TakeBytes();
  data[0] = static_cast<char>(num_samples >> 8);
  data[1] = static_cast<char>(num_samples);
  return data;
}

}  // namespace tidemark::tsdb
