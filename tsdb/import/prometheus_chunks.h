#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/io/mapped_file.h"
#include "tsdb/import/xor_chunk.h"

namespace tidemark::tsdb {

// The directory `chunks` of a Prometheus block: segment files 000001, 000002, ... One thread.
// Layout: prometheus/tsdb/docs/format/chunks.md.
class PrometheusChunks {
 public:
  struct Chunk {
    ChunkEncoding encoding = ChunkEncoding::kNone;
    std::string_view data;  // valid as long as the PrometheusChunks
    std::string place;      // for messages
  };

  explicit PrometheusChunks(std::string directory) : directory_(std::move(directory)) {}

  // The chunk that an index calls `ref`.
  //   DataLoss  its file is missing or not one of chunks, or its checksum fails
  absl::StatusOr<Chunk> Read(uint64_t ref);

 private:
  absl::StatusOr<const MappedFile*> Segment(uint32_t number);

  const std::string directory_;
  std::map<uint32_t, absl::StatusOr<std::unique_ptr<MappedFile>>> segments_;
};

}  // namespace tidemark::tsdb
