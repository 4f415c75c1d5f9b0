#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "tsdb/block/block_meta.h"
#include "tsdb/block/chunks_reader.h"
#include "tsdb/block/index_reader.h"
#include "tsdb/block/tombstones.h"
#include "tsdb/kv/sst_reader.h"

namespace tidemark::tsdb {

// What of a block never changes, opened. Thread-safe.
struct BlockFiles {
  std::string directory;
  BlockMeta meta;
  std::unique_ptr<IndexReader> index;
  std::unique_ptr<ChunksReader> chunks;
  mutable std::atomic<bool> damaged = false;  // set once; relaxed, orders nothing

  std::string Path(std::string_view file) const;
  // Hands on a result and remembers where it says that a file is damaged.
  absl::Status Note(absl::Status status) const {
    Look(status);
    return status;
  }
  template <typename T>
  absl::StatusOr<T> Note(absl::StatusOr<T> result) const {
    Look(result.status());
    return result;
  }
  void Look(const absl::Status& status) const {
    if (absl::IsDataLoss(status)) damaged.store(true, std::memory_order_relaxed);
  }
};

// Errors as those of Block::Open; each names the file.
absl::StatusOr<std::unique_ptr<BlockFiles>> OpenBlockFiles(const std::string& directory,
                                                           std::shared_ptr<BlockCache> cache);
absl::StatusOr<BlockMeta> ReadMeta(const std::string& directory);
absl::StatusOr<Tombstones> ReadTombstones(const std::string& directory, const BlockMeta& meta);

}  // namespace tidemark::tsdb
