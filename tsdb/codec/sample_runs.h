#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/model/sample.h"
#include "tsdb/codec/chunk.h"

namespace tidemark::tsdb {

// Samples of one kind that none of another kind interrupts: what may become a chunk. Numbers are
// those in the columns of floats, or of histograms.
struct SampleRun {
  ChunkKind kind = ChunkKind::kFloat;
  size_t begin = 0, end = 0;
  size_t size() const { return end - begin; }
};

// All samples, in order of time.
std::vector<SampleRun> SampleRuns(const SampleColumns& samples);
std::span<const TimestampMs> TimesOf(const SampleColumns& samples, const SampleRun& run);
// Appends a run of at most kMaxSamplesPerChunk samples as one chunk. Errors as those of
// EncodeChunk.
absl::Status EncodeRun(const SampleColumns& samples, const SampleRun& run, std::string* out);

}  // namespace tidemark::tsdb
