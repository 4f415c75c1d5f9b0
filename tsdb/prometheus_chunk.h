#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/model/sample.h"
#include "base/model/timestamp.h"

// Chunks as Prometheus stores and streams them.
namespace tidemark::tsdb {

// How a chunk is encoded; other numbers are newer than we are.
enum class ChunkEncoding : uint8_t { kNone = 0, kXor = 1, kHistogram = 2, kFloatHistogram = 3 };

// The most samples that Prometheus puts into a chunk.
inline constexpr size_t kPrometheusChunkSamples = 120;

struct PrometheusChunk {
  ChunkEncoding encoding = ChunkEncoding::kNone;
  TimeRange range;  // of its first and last sample
  std::string data;
};

// Encodes the samples of one series, bit by bit as Prometheus does, so that its readers and ours
// (tsdb/import) give them back: floats and integer histograms exactly; of counter resets what such
// a chunk can say, that a histogram goes on from the one before it, and of all that it is a gauge.
// A chunk ends at kPrometheusChunkSamples, where floats and histograms take turns, and where a
// histogram has other buckets, was reset or follows a staleness marker. One thread.
// Layout: prometheus/tsdb/docs/format/chunks.md, and tsdb/chunkenc of Prometheus 3.
class PrometheusChunkEncoder {
 public:
  PrometheusChunkEncoder();
  ~PrometheusChunkEncoder();

  // Adds samples, which are later than those added before. The chunks that are complete are
  // appended to `out`, ascending by time.
  void Add(const SampleColumns& samples, std::vector<PrometheusChunk>* out);
  // Appends the chunk that is not complete, where there is one. The next sample begins a series.
  void Finish(std::vector<PrometheusChunk>* out);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::tsdb
