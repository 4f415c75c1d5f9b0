#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/model/histogram_columns.h"
#include "base/model/timestamp.h"
#include "tsdb/import/bit_writer.h"
#include "tsdb/prometheus_chunk.h"

namespace tidemark::tsdb {

// Writes one chunk of native histograms of Prometheus, which DecodeHistogramChunk reads. One
// thread.
class HistogramChunkWriter {
 public:
  // Begins a chunk for histograms like `first`, which is then to be appended.
  explicit HistogramChunkWriter(const HistogramView& first);

  size_t size() const { return num_samples_; }
  // Whether the next histogram may be in this chunk; `reset`: it does not go on from the one
  // before.
  bool Takes(const HistogramView& histogram, bool reset) const;
  // One that the chunk takes; `timestamp` is greater than the one before. At most 65,535 of them.
  void Append(TimestampMs timestamp, const HistogramView& histogram);
  PrometheusChunk Finish() &&;

 private:
  // A number of which the differences of differences are written.
  struct Tracked {
    int64_t value = 0, delta = 0;
    void Next(int64_t next, BitWriter& bits);
  };
  // A double that is written as XOR with the one before.
  struct Xored {
    uint64_t value = 0;
    XorWriter writer = {};
    void Next(double next, BitWriter& bits);
  };

  void WriteFirst(const HistogramView& histogram);
  void WriteNext(const HistogramView& histogram);

  const bool is_float_, is_gauge_;
  const std::shared_ptr<const HistogramLayout> layout_;  // one without buckets where it is stale
  BitWriter bits_;
  size_t num_samples_ = 0;
  TimeRange range_;
  bool is_stale_ = false;  // the last one
  Tracked time_;
  // The count, the zero count and then the buckets, of one of the two kinds; those of integer
  // histograms as differences to the one before.
  std::vector<Tracked> integers_;
  std::vector<Xored> floats_;
  Xored sum_;
};

}  // namespace tidemark::tsdb
