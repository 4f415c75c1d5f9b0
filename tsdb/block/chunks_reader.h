#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/sample.h"
#include "tsdb/block/bundle.h"
#include "tsdb/block/chunks_file.h"
#include "tsdb/block/interval_set.h"
#include "tsdb/block/time_columns.h"
#include "tsdb/kv/sst_reader.h"
#include "tsdb/querier.h"

namespace tidemark::tsdb {

class ChunkCursor;
class SpanCursor;

// A file that ChunksWriter finished. Thread-safe; cursors are for one thread each, and the reader
// outlives them. Errors of all calls:
//   DataLoss             the file is damaged; the message names it
//   FailedPrecondition   a newer version wrote it
//   Unavailable          it cannot be read
class ChunksReader {
 public:
  // Reads the front of the file. `cache` may be null.  NotFound  there is no such file
  static absl::StatusOr<std::unique_ptr<ChunksReader>> Open(const std::string& path,
                                                            std::shared_ptr<BlockCache> cache);

  const ChunksFront& front() const { return front_; }
  ChunkCursor NewCursor() const;
  SpanCursor NewSpanCursor() const;
  // Reads all there is: checksums, every chunk, and its summary against its samples.
  absl::Status Verify() const;

 private:
  friend class ChunkCursor;
  friend class SpanCursor;
  ChunksReader(std::string path, std::unique_ptr<SstReader> file)
      : path_(std::move(path)), file_(std::move(file)) {}
  // An error of ours with the name of the file.
  absl::Status Name(const absl::Status& status) const;
  absl::Status VerifyChunks() const;

  const std::string path_;
  const std::unique_ptr<SstReader> file_;
  ChunksFront front_;
};

// Reads the chunks of series by number. Fastest where they are asked for in ascending order: a
// bundle is then read and its directory decoded once for all its series. One thread. Holds some
// MiB at most.
class ChunkCursor {
 public:
  // With `fill_cache` false the bundles that it reads do not go to the cache.
  explicit ChunkCursor(const ChunksReader& reader, bool fill_cache = true);

  // Replaces `out` by the samples of a series in `range`; perhaps none.
  absl::Status Read(uint32_t series, TimeRange range, SampleColumns& out);
  // Replaces `out` by what is known of those chunks of a series that lie wholly in `range` and that
  // `deleted` (may be null) does not touch.
  absl::Status ReadSummaries(uint32_t series, TimeRange range, const IntervalSet* deleted,
                             std::vector<ChunkSummary>& out);
  // Checks the summaries of a series against its samples and counts both.
  absl::Status Verify(uint32_t series, uint64_t* num_chunks, uint64_t* num_samples);

  // Whether the series is in the bundle that was read last: the cursor to take where there are
  // several.
  bool IsAt(uint32_t series) const {
    const std::vector<BundledChunk>& chunks = bundle_.chunks;
    return !chunks.empty() && chunks.front().series <= series && series <= chunks.back().series;
  }

 private:
  // A chunk whose timestamps, unless they are its own, are not decoded yet.
  struct OpenedChunk {
    const BundledChunk* entry = nullptr;
    TimeColumnHead head;
    std::string_view rest;  // of the body, after its own timestamps
  };

  // Calls `visit(const OpenedChunk&)` for the chunks of a series that overlap `range`, in order.
  template <typename Visit>
  absl::Status ForEachChunk(uint32_t series, TimeRange range, Visit visit);
  absl::Status Locate(uint32_t series, TimestampMs from);
  bool Serves(uint32_t series, TimestampMs from);
  absl::Status ParseCurrent();
  absl::Status NextBundle();
  absl::StatusOr<OpenedChunk> OpenChunkOf(const BundledChunk& entry);
  // Histograms outside `wanted` may be left out.
  absl::Status AppendSamples(const OpenedChunk& chunk, TimeRange wanted, SampleColumns& out);
  absl::StatusOr<bool> Summary(const OpenedChunk& chunk, ChunkSummary* summary) const;
  absl::Status Name(const absl::Status& status, uint32_t series) const;

  const ChunksReader* reader_;
  std::unique_ptr<KvIterator> bundles_;
  Bundle bundle_;                // that `bundles_` is at; without chunks after an error
  TimestampMs bundle_time_ = 0;  // of its first sample
  TimeColumnsReader time_columns_;
  std::vector<TimestampMs> own_times_;
  SampleColumns samples_;
};

// Which part of the block's range a series has samples in, roughly. One thread.
class SpanCursor {
 public:
  explicit SpanCursor(const ChunksReader& reader) : reader_(&reader) {}

  // A range in which all samples of the series lie, one 256th of the block's at most longer at
  // either end. Fastest in ascending order.
  absl::StatusOr<TimeRange> Span(uint32_t series);

 private:
  absl::Status Load(uint32_t series);

  const ChunksReader* reader_;
  std::unique_ptr<KvIterator> iterator_;
  uint32_t first_ = 0;  // series of the page
  std::string_view page_;
};

}  // namespace tidemark::tsdb
