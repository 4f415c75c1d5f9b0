#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/histogram_columns.h"
#include "base/model/sample.h"
#include "base/model/timestamp.h"

// A chunk: some samples of one series, compressed. Its layout is versioned and described in
// docs/storage-format.md. It carries no checksum; the record that it is stored in does.
namespace tidemark::tsdb {

// Bounds what a few damaged bytes can claim to be.
inline constexpr size_t kMaxSamplesPerChunk = 1 << 16;

// What the values of a chunk are. On disk: numbers are never given a new meaning.
enum class ChunkKind : uint8_t { kFloat = 0, kHistogram = 1, kFloatHistogram = 2 };

// What a chunk says about itself without being decoded.
struct ChunkHeader {
  ChunkKind kind = ChunkKind::kFloat;
  uint32_t num_samples = 0;
  TimestampMs min_time = 0,
              max_time = 0;  // of the first and the last sample; 0 where there is none
};

// Appends the samples to `out` as one chunk, each column under the codec that makes it shortest.
// Both columns are of the same length, from 0 to kMaxSamplesPerChunk; timestamps ascend strictly.
// Every bit of every value comes back. Cost: tens of nanoseconds a sample, one for constants.
void EncodeChunk(std::span<const TimestampMs> timestamps, std::span<const double> values,
                 std::string* out);

// The front of a chunk.  DataLoss  not a chunk, or one of a later version
absl::StatusOr<ChunkHeader> ReadChunkHeader(std::string_view chunk);

// The same for native histograms, from `begin` to before `end`, which may be equal: integer or
// float ones throughout (histogram_codec.h), at most kMaxSamplesPerChunk.
//   InvalidArgument  as AppendHistogramColumn gives it; `out` is then as before
absl::Status EncodeChunk(const HistogramColumns& histograms, size_t begin, size_t end,
                         std::string* out);

// Appends the samples of a chunk of any kind to `out`, which need not be empty, but has nothing
// later of that kind. Takes any bytes: never reads past them, never allocates for more than
// kMaxSamplesPerChunk samples and kMaxHistogramCounts buckets.
//   DataLoss  not a whole chunk, or more than a chunk; `out` is then as before
absl::Status DecodeChunk(std::string_view chunk, SampleColumns& out);

// How many of a chunk's first bytes are its front: what all chunks of this kind with the same
// timestamps have in common, and the only chunks that begin with it. All bytes of a damaged chunk.
size_t ChunkFrontSize(std::string_view chunk);
// DecodeChunk of a chunk in two pieces: its front and the rest. Histograms outside `wanted` may be
// left out.
absl::Status DecodeChunk(std::string_view front, std::string_view rest, SampleColumns& out,
                         TimeRange wanted = {});

}  // namespace tidemark::tsdb
