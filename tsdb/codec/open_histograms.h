#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/histogram_columns.h"
#include "base/model/timestamp.h"
#include "tsdb/codec/histogram_row.h"

namespace tidemark::tsdb {

// The newest native histograms of a series, all integer or all float ones: what OpenChunk is of
// floats. Each is stored as what differs from the one before: about ten bytes, and one for each
// bucket. The newest is held decoded beside that, 8 bytes a bucket, and stays when the rest is
// sealed.
//
// Hints are given as a reader of Prometheus sees them: gauges are gauges; a counter is "not reset"
// where that follows from the histogram before it, "unknown" elsewhere, even where the writer said
// more. Thread-compatible.
class OpenHistograms {
 public:
  // Half as many as of floats: what a query needs is mostly at the end of a chunk, which is read
  // from its begin.
  static constexpr size_t kMaxSamples = 60;
  static constexpr size_t kMaxBytes = 32 * 1024;  // full beyond

  // Adds a histogram later than all before it, of their kind unless there are none; takes its
  // buffers and gives others back.
  void Append(TimestampMs timestamp, HistogramRow& histogram);

  size_t size() const { return num_samples_; }
  bool empty() const { return num_samples_ == 0; }
  bool full() const { return num_samples_ >= kMaxSamples || bytes_.size() >= kMaxBytes; }
  // Of the newest histogram, even if it was sealed.
  bool is_float() const { return newest_.is_float; }
  const HistogramRow& newest() const { return newest_; }
  // Not empty.
  TimestampMs first_timestamp() const { return first_timestamp_; }
  TimestampMs last_timestamp() const { return last_timestamp_; }

  // Appends those from time `from` on of the first `size` histograms, all where there are fewer.
  void Decode(HistogramColumns& out, size_t size = SIZE_MAX,
              TimestampMs from = kMinTimestamp) const;
  // Gives the histograms as a chunk and drops them.
  std::string Seal();

  // Appends an image from which appending goes on.
  void Save(std::string* out) const;
  // Takes an image off the front of `bytes`, which may be any bytes.
  //   DataLoss  not an image, or one of a later version; `bytes` is then anywhere
  static absl::StatusOr<OpenHistograms> Load(std::string_view& bytes);

 private:
  bool DecodeInto(HistogramColumns& out, size_t size, TimestampMs from) const;

  TimestampMs first_timestamp_ = 0, last_timestamp_ = 0;
  uint32_t num_samples_ = 0;
  std::string bytes_;    // for each: v time minus that of the one before, then the histogram
  HistogramRow newest_;  // no layout where there was none
};

}  // namespace tidemark::tsdb
