#pragma once

#include <cstddef>
#include <cstdint>

#include "base/model/timestamp.h"
#include "tsdb/import/bit_writer.h"
#include "tsdb/prometheus_chunk.h"

namespace tidemark::tsdb {

// Writes one XOR chunk of Prometheus, which DecodeXorChunk reads. One thread.
class XorChunkWriter {
 public:
  XorChunkWriter();
  size_t size() const { return num_samples_; }
  // `timestamp` is greater than the one before; at most 65,535 samples.
  void Append(TimestampMs timestamp, double value);
  PrometheusChunk Finish() &&;

 private:
  BitWriter bits_;
  XorWriter values_;
  size_t num_samples_ = 0;
  TimeRange range_;
  uint64_t delta_ = 0, value_ = 0;  // of the last sample
};

// The beginning of a chunk of any encoding, to be filled in by EndChunk.
inline constexpr size_t kNumSamplesBytes = 2;
// What a chunk of `num_samples` holds, with that number in front.
std::string EndChunk(BitWriter bits, size_t num_samples);

}  // namespace tidemark::tsdb
