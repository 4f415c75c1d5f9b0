#include "tsdb/kv/sst_reader.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/kv/rocks.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kReadAheadBytes = 1 << 20;

class RocksBlockCache : public BlockCache {
 public:
  explicit RocksBlockCache(size_t capacity_bytes) : cache_(rocksdb::NewLRUCache(capacity_bytes)) {}
  size_t used_bytes() const override { return cache_->GetUsage(); }
  const std::shared_ptr<rocksdb::Cache>& rocks() const { return cache_; }

 private:
  const std::shared_ptr<rocksdb::Cache> cache_;
};

// The end of a file in RocksDB's format 5, which is all that has no checksum:
//    1  kind of the blocks' checksums; 4 is XXH3
//   40  two handles, each v position and v length of a block; then zeros
//    4  format
//    8  magic number
// RocksDB believes it: it would read blocks without checking them, or make room for what a length
// claims.
constexpr size_t kFooterBytes = 53, kHandlesAt = 1, kHandlesBytes = 40;
constexpr std::string_view kChecksumKind("\x04", 1);
constexpr std::string_view kFormatAndMagic("\x05\0\0\0\xf7\xcf\xf4\x85\xb7\x41\xe2\x88", 12);

bool HandleIsInside(std::string_view& handles, uint64_t size) {
  const std::optional<uint64_t> at = ConsumeVarint(handles);
  const std::optional<uint64_t> length = at ? ConsumeVarint(handles) : std::nullopt;
  return length && *at <= size && *length <= size - *at;
}

bool IsFooter(std::string_view footer, uint64_t file_bytes) {
  if (footer.size() != kFooterBytes) return false;
  std::string_view handles = footer.substr(kHandlesAt, kHandlesBytes);
  return footer.substr(0, kHandlesAt) == kChecksumKind &&
         footer.substr(kHandlesAt + kHandlesBytes) == kFormatAndMagic &&
         HandleIsInside(handles, file_bytes) && HandleIsInside(handles, file_bytes) &&
         handles.find_first_not_of('\0') == std::string_view::npos;
}

absl::Status CheckFooter(const std::string& path) {
  rocksdb::Env* env = rocksdb::Env::Default();
  std::unique_ptr<rocksdb::RandomAccessFile> file;
  rocksdb::Status s = env->NewRandomAccessFile(path, &file, rocksdb::EnvOptions());
  if (s.IsPathNotFound()) return absl::NotFoundError(StrCat("no such file: ", path));
  if (!s.ok()) return FromRocks(s, "cannot open", path);
  uint64_t size = 0;
  s = env->GetFileSize(path, &size);
  if (!s.ok()) return FromRocks(s, "cannot open", path);
  char buffer[kFooterBytes];
  rocksdb::Slice footer;
  if (size >= kFooterBytes) s = file->Read(size - kFooterBytes, kFooterBytes, &footer, buffer);
  if (!s.ok()) return FromRocks(s, "cannot read", path);
  if (IsFooter({footer.data(), footer.size()}, size)) return absl::OkStatus();
  return absl::DataLossError(StrCat("not a whole SST file, its end is damaged: ", path));
}

rocksdb::Options ReadOptions(const std::shared_ptr<BlockCache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  if (cache != nullptr) {
    // There is no other kind.
    table.block_cache = static_cast<const RocksBlockCache&>(*cache).rocks();
  } else {
    table.no_block_cache = true;
  }
  rocksdb::Options rocks;
  rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return rocks;
}

class RocksSstReader : public SstReader {
 public:
  RocksSstReader(const std::string& path, const std::shared_ptr<BlockCache>& cache)
      : path_(path), reader_(ReadOptions(cache)) {}

  absl::Status OpenFile() {
    RETURN_IF_ERROR(CheckFooter(path_));
    return Checked(reader_.Open(path_), "cannot open");
  }

  std::unique_ptr<KvIterator> NewIterator(bool fill_cache) const override {
    rocksdb::ReadOptions read;
    read.fill_cache = fill_cache;
    if (!fill_cache) read.readahead_size = kReadAheadBytes;
    return WrapIterator(std::unique_ptr<rocksdb::Iterator>(reader_.NewIterator(read)), path_);
  }

  absl::Status VerifyChecksums() const override {
    rocksdb::ReadOptions read;
    read.fill_cache = false;
    read.readahead_size = kReadAheadBytes;
    return Checked(reader_.VerifyChecksum(read), "cannot read");
  }

 private:
  // RocksDB has other names than Corruption for bytes that it does not understand.
  absl::Status Checked(const rocksdb::Status& s, std::string_view what) const {
    const absl::Status status = FromRocks(s, what, path_);
    if (s.ok() || s.IsIOError()) return status;
    return absl::DataLossError(status.message());
  }

  const std::string path_;
  // Its calls change nothing, but are not declared so.
  mutable rocksdb::SstFileReader reader_;
};

}  // namespace

std::shared_ptr<BlockCache> BlockCache::Create(size_t capacity_bytes) {
  return std::make_shared<RocksBlockCache>(capacity_bytes);
}

absl::StatusOr<std::unique_ptr<SstReader>> SstReader::Open(const std::string& path,
                                                           std::shared_ptr<BlockCache> cache) {
  auto reader = std::make_unique<RocksSstReader>(path, cache);
  RETURN_IF_ERROR(reader->OpenFile());
  return reader;
}

}  // namespace tidemark::tsdb
