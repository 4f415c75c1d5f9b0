#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/io/mapped_file.h"
#include "base/model/timestamp.h"
#include "tsdb/import/wal_reader.h"
#include "tsdb/import/xor_chunk.h"

namespace tidemark::tsdb {

// A full chunk of Prometheus's head, written out so that it need not be in memory.
struct HeadChunk {
  uint64_t series_ref = 0;
  TimestampMs min_time = 0, max_time = 0;
  ChunkEncoding encoding = ChunkEncoding::kNone;
  bool out_of_order = false;
  std::string_view data;  // valid until the next call
  uint64_t offset = 0;    // where it begins in its file
  std::string_view path;  // of that file; valid as long as the reader
};

// The chunks of the directory `chunks_head`, file after file. One thread. Files are mapped.
// Layout: prometheus/tsdb/docs/format/head_chunks.md, with a CRC-32C behind each chunk.
//
// After damage nothing more of that file is read: there is no mark to find the next chunk by. A
// chunk that was not finished at the end of the last file is what a kill leaves behind; it goes to
// `torn`, and its samples are in the write-ahead log.
class HeadChunkReader {
 public:
  HeadChunkReader(std::vector<NumberedFile> files, DamageSink damage, DamageSink torn)
      : files_(std::move(files)), damage_(std::move(damage)), torn_(std::move(torn)) {}

  // False at the end of the last file.
  bool Next(HeadChunk& chunk);

 private:
  bool OpenNextFile();
  // False where there is none in what is left of the file.
  bool ReadChunk(HeadChunk& chunk);

  const std::vector<NumberedFile> files_;
  const DamageSink damage_, torn_;
  size_t next_file_ = 0;
  std::unique_ptr<MappedFile> file_;
  uint64_t at_ = 0;
};

}  // namespace tidemark::tsdb
