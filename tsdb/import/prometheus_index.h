#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/io/mapped_file.h"
#include "base/labels/label_set.h"
#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// Takes what a reader of foreign files passes over as damaged; the message names file and byte.
using DamageSink = std::function<void(const absl::Status& damage)>;

// What the index of a Prometheus block says of one series.
struct IndexedSeries {
  struct Chunk {
    TimestampMs min_time = 0, max_time = 0;  // of its first and last sample
    uint64_t ref = 0;                        // segment, from 0, in the upper half; offset in it
  };
  uint64_t ref = 0;     // what tombstones call it
  uint64_t offset = 0;  // of its entry in the file
  LabelSet labels;
  std::vector<Chunk> chunks;
};

// The file `index` of a Prometheus block, format 1 or 2, front to back. Of its sections only the
// symbols and the series are read. One thread. Memory: 16 bytes a symbol; the file is mapped.
// Layout: prometheus/tsdb/docs/format/index.md.
class PrometheusIndex {
 public:
  //   DataLoss             no index, or damaged in its header, contents or symbols
  //   FailedPrecondition   a format that is newer than this reader
  static absl::StatusOr<std::unique_ptr<PrometheusIndex>> Open(const std::string& path);

  // The next series, in the order of the file, which is that of label sets. False at the end.
  // Entries that are damaged go to `damage`, one line for each stretch of them.
  bool Next(IndexedSeries& series, const DamageSink& damage);

 private:
  explicit PrometheusIndex(std::unique_ptr<MappedFile> file) : file_(std::move(file)) {}

  absl::Status ReadContents();
  absl::Status ReadSymbols(uint64_t offset);
  bool FindSymbol(uint64_t ref, std::string_view* symbol) const;
  // Reads the entry at at_ and moves behind it; at_ stays where it is damaged.
  absl::Status ReadSeries(IndexedSeries& series);
  absl::Status ReadEntry(std::string_view entry, IndexedSeries& series) const;
  absl::Status DamageHere(uint64_t offset, std::string_view what) const;

  const std::unique_ptr<MappedFile> file_;
  int format_ = 0;
  std::vector<std::string_view> symbols_;         // format 2: by number
  uint64_t symbols_begin_ = 0, symbols_end_ = 0;  // format 1: where refs point to
  uint64_t at_ = 0, end_ = 0;                     // what is left of the series
};

}  // namespace tidemark::tsdb
