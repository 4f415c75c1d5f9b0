// Any bytes decode to histograms or give an error, never a crash; what decodes encodes and decodes
// to the same bits.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tsdb/codec/chunk.h"

namespace {

using tidemark::BasicHistogramSample;
using tidemark::TimestampMs;
using tidemark::tsdb::DecodeChunk;
using tidemark::tsdb::EncodeChunk;

void Check(bool law) {
  if (!law) __builtin_trap();
}

template <typename Count>
void CheckChunk(std::string_view chunk) {
  std::vector<TimestampMs> timestamps;
  std::vector<BasicHistogramSample<Count>> histograms;
  if (!DecodeChunk(chunk, timestamps, histograms).ok()) {
    Check(timestamps.empty() && histograms.empty());
    return;
  }
  Check(timestamps.size() == histograms.size());
  std::string encoded;
  using Histograms = std::span<const BasicHistogramSample<Count>>;
  Check(EncodeChunk(timestamps, Histograms(histograms), &encoded).ok());
  std::vector<TimestampMs> times_again;
  std::vector<BasicHistogramSample<Count>> again;
  Check(DecodeChunk(encoded, times_again, again).ok());
  Check(times_again == timestamps && again.size() == histograms.size());
  for (size_t i = 0; i < again.size(); ++i) Check(SameBits(again[i], histograms[i]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view chunk(reinterpret_cast<const char*>(data), size);
  CheckChunk<uint64_t>(chunk);
  CheckChunk<double>(chunk);
  return 0;
}
