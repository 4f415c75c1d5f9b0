#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/sample.h"
#include "tsdb/block/bundle.h"
#include "tsdb/block/chunks_file.h"
#include "tsdb/block/time_columns.h"
#include "tsdb/codec/sample_runs.h"
#include "tsdb/kv/sst_writer.h"

namespace tidemark::tsdb {

// Writes chunks.sst. Memory: one bundle, the distinct columns of timestamps (compressed, up to a
// limit; what comes after that is stored with its chunk) and two bytes a series. One thread.
// Errors as those of SstWriter.
class ChunksWriter {
 public:
  // How the bytes of a file fall apart, before zstd.
  struct Sizes {
    size_t values = 0, own_times = 0, time_columns = 0, summaries = 0, directories = 0, spans = 0;
  };

  static constexpr size_t kMaxTimeColumnBytes = 64 << 20;

  static absl::StatusOr<std::unique_ptr<ChunksWriter>> Create(
      const std::string& path, std::string ulid, TimeRange range,
      size_t max_time_column_bytes = kMaxTimeColumnBytes);

  // The next series; at least one sample, all in the range.
  absl::Status Add(const SampleColumns& samples);
  // Fsyncs the file. Then only the accessors.
  absl::Status Finish();

  const ChunksFront& front() const { return front_; }
  const Sizes& sizes() const { return sizes_; }

 private:
  ChunksWriter(std::unique_ptr<SstWriter> file, std::string ulid, TimeRange range,
               size_t max_time_column_bytes);

  absl::Status AddRun(const SampleColumns& samples, SampleRun run, bool is_last);
  absl::Status AddChunk(const SampleColumns& samples, const SampleRun& part);
  void AppendSummaryOf(std::span<const TimestampMs> times, std::span<const double> values,
                       BundledChunk& chunk);
  absl::Status FlushBundle(bool series_goes_on);
  absl::Status WriteSpans();

  const std::unique_ptr<SstWriter> file_;
  ChunksFront front_;
  Sizes sizes_;
  TimeColumnsWriter time_columns_;
  BundleBuilder bundle_;
  std::string bundle_key_, body_, value_;
  std::string spans_;  // first and last slot of each series
};

}  // namespace tidemark::tsdb
