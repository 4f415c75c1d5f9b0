// Any bytes decode to samples or give an error, never a crash; what decodes encodes and decodes to
// the same bits, and an open chunk takes it too.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/testing/sample_shapes.h"
#include "tsdb/codec/chunk.h"
#include "tsdb/codec/open_chunk.h"

namespace {

using tidemark::SampleColumns;
using tidemark::testing::SameSamples;
using tidemark::tsdb::DecodeChunk;
using tidemark::tsdb::OpenChunk;

void Check(bool law) {
  if (!law) __builtin_trap();
}

void CheckEncodeChunk(const SampleColumns& samples) {
  std::string chunk;
  tidemark::tsdb::EncodeChunk(samples.timestamps, samples.values, &chunk);
  SampleColumns again;
  Check(DecodeChunk(chunk, again).ok() && SameSamples(again, samples));
}

void CheckOpenChunk(const SampleColumns& samples) {
  if (samples.size() > OpenChunk::kMaxSamples) return;
  OpenChunk open;
  for (size_t i = 0; i < samples.size(); ++i) {
    open.Append(samples.timestamps[i], samples.values[i]);
  }
  SampleColumns again;
  open.Decode(again);
  Check(SameSamples(again, samples));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  SampleColumns samples;
  if (!DecodeChunk({reinterpret_cast<const char*>(data), size}, samples).ok()) {
    Check(samples.empty());
    return 0;
  }
  Check(samples.timestamps.size() == samples.values.size());
  CheckEncodeChunk(samples);
  CheckOpenChunk(samples);
  return 0;
}
