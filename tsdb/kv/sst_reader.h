#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "tsdb/kv/kv_store.h"

namespace tidemark::tsdb {

// Decompressed blocks of SST files, least recently used first out: one for all files that are open.
// Thread-safe.
class BlockCache {
 public:
  static std::shared_ptr<BlockCache> Create(size_t capacity_bytes);
  virtual ~BlockCache() = default;
  virtual size_t used_bytes() const = 0;
};

// A file that SstWriter finished. Reads nothing but its footer until asked; every block that is
// read is checked against its checksum. Thread-safe; iterators are for one thread each.
class SstReader {
 public:
  // `cache` may be null.
  //   NotFound     there is no such file
  //   DataLoss     not such a file, or damaged at its ends; the message names it
  //   Unavailable  it cannot be read
  static absl::StatusOr<std::unique_ptr<SstReader>> Open(const std::string& path,
                                                         std::shared_ptr<BlockCache> cache);
  virtual ~SstReader() = default;

  // A walk over the file, which outlives it. With `fill_cache` false, for reading all of it once,
  // what others have in the cache stays.
  virtual std::unique_ptr<KvIterator> NewIterator(bool fill_cache = true) const = 0;
  // Reads every block.  DataLoss  a checksum fails; the message names the file
  virtual absl::Status VerifyChecksums() const = 0;
};

}  // namespace tidemark::tsdb
