#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/sample.h"

// Files of Prometheus's store, byte by byte from its format pages: for the tests of what reads
// them. The real Prometheus writes those that tests/e2e reads.
namespace tidemark::testing {

void AppendBigEndian(uint64_t value, size_t num_bytes, std::string* out);

// The data of an XOR chunk: every difference in its longest form.
std::string XorChunkData(const SampleColumns& samples);

// The data of a chunk of native histograms, which share a layout and a kind, are not stale and not
// gauges: likewise.
std::string HistogramChunkData(const HistogramColumns& histograms);

// Records of the write-ahead log.
struct WalSeries {
  uint64_t ref;
  LabelSet labels;
};
struct WalSample {
  uint64_t ref;
  TimestampMs timestamp;
  double value;
};
std::string WalSeriesRecord(const std::vector<WalSeries>& series);
std::string WalSamplesRecord(const std::vector<WalSample>& samples);
// Of `type` 7 to 10, all of one series.
std::string WalHistogramsRecord(uint8_t type, uint64_t ref, const HistogramColumns& histograms);
std::string WalTombstoneRecord(uint64_t ref, TimestampMs min, TimestampMs max);
// A segment that holds the records, split into fragments at the ends of pages. `compression` is
// added to the type of every fragment; the records are compressed already.
std::string WalSegment(const std::vector<std::string>& records, uint8_t compression = 0);

// A file of `chunks_head`.
struct HeadFileChunk {
  uint64_t ref;
  TimestampMs min_time, max_time;
  uint8_t encoding;
  std::string data;
};
std::string HeadChunkFile(const std::vector<HeadFileChunk>& chunks);

// The files of a block.
struct BlockFileChunk {
  TimestampMs min_time, max_time;
  uint8_t encoding;
  std::string data;
};
struct BlockFileSeries {
  LabelSet labels;
  std::vector<BlockFileChunk> chunks;
};
struct BlockFiles {
  std::string index, chunks;
};
// `format` of the index: 1 or 2. All chunks are in one segment.
BlockFiles MakeBlockFiles(const std::vector<BlockFileSeries>& series, int format = 2);
std::string BlockTombstones(uint64_t ref, TimestampMs min, TimestampMs max);

}  // namespace tidemark::testing
