#include "tsdb/kv/sst_reader.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>

#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/io/hash.h"
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

// A block's place in the file, without the trailer that follows each: a byte for its compression
// and the checksum.
struct BlockHandle {
  uint64_t at = 0, length = 0;
};
constexpr size_t kTrailerBytes = 5;

std::optional<BlockHandle> ConsumeHandle(std::string_view& handles, uint64_t file_bytes) {
  const std::optional<uint64_t> at = ConsumeVarint(handles);
  const std::optional<uint64_t> length = at ? ConsumeVarint(handles) : std::nullopt;
  if (!length || *at > file_bytes || *length > file_bytes - *at) return std::nullopt;
  return BlockHandle{*at, *length};
}

// The handle of the block that names the others; nullopt where this is no footer.
std::optional<BlockHandle> ParseFooter(std::string_view footer, uint64_t file_bytes) {
  if (footer.size() != kFooterBytes) return std::nullopt;
  std::string_view handles = footer.substr(kHandlesAt, kHandlesBytes);
  const std::optional<BlockHandle> names = ConsumeHandle(handles, file_bytes);
  if (footer.substr(0, kHandlesAt) != kChecksumKind ||
      footer.substr(kHandlesAt + kHandlesBytes) != kFormatAndMagic || !names ||
      !ConsumeHandle(handles, file_bytes) ||
      handles.find_first_not_of('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  return names;
}

// A file to look into before RocksDB does.
class RawFile {
 public:
  absl::Status Open(const std::string& path) {
    rocksdb::Env* env = rocksdb::Env::Default();
    rocksdb::Status s = env->NewRandomAccessFile(path, &file_, rocksdb::EnvOptions());
    if (s.IsPathNotFound()) return absl::NotFoundError(StrCat("no such file: ", path));
    if (s.ok()) s = env->GetFileSize(path, &size_);
    return FromRocks(s, "cannot open", path);
  }
  uint64_t size() const { return size_; }
  // Fewer bytes where the file has no more or cannot be read.
  std::string Read(uint64_t at, size_t length) const {
    std::string buffer(length, '\0');
    rocksdb::Slice read;
    if (!file_->Read(at, length, &read, buffer.data()).ok()) return {};
    return read.ToString();
  }
  // The bytes of a block whose checksum fits: XXH3 of them, modified by the byte after them.
  std::optional<std::string> ReadBlock(const BlockHandle& handle) const {
    std::string block = Read(handle.at, handle.length + kTrailerBytes);
    if (block.size() != handle.length + kTrailerBytes) return std::nullopt;
    uint32_t checksum;
    std::memcpy(&checksum, block.data() + handle.length + 1, sizeof(checksum));
    const uint32_t last = static_cast<uint8_t>(block[handle.length]);
    block.resize(handle.length);
    if (checksum != (Checksum32(block) ^ last * 0x6b9083d9)) return std::nullopt;
    return block;
  }

 private:
  std::unique_ptr<rocksdb::RandomAccessFile> file_;
  uint64_t size_ = 0;
};

// The handle of the properties. An entry is v length of what its key has from the one before, v
// length of the rest of the key, v length of the value; key, value.
std::optional<BlockHandle> FindProperties(std::string_view names, uint64_t file_bytes) {
  std::string key;
  while (true) {
    const std::optional<uint64_t> shared = ConsumeVarint(names);
    const std::optional<uint64_t> rest = shared ? ConsumeVarint(names) : std::nullopt;
    const std::optional<uint64_t> length = rest ? ConsumeVarint(names) : std::nullopt;
    if (!length || *shared > key.size() || *rest > names.size() || *length > names.size() - *rest) {
      return std::nullopt;
    }
    key.resize(*shared);
    key.append(names.substr(0, *rest));
    std::string_view value = names.substr(*rest, *length);
    if (key == "rocksdb.properties") return ConsumeHandle(value, file_bytes);
    names.remove_prefix(*rest + *length);
  }
}

// RocksDB interprets the properties before it looks at their checksum, and its assertions end the
// process on what it does not expect there.
bool EndIsWhole(const RawFile& file) {
  if (file.size() < kFooterBytes) return false;
  const std::optional<BlockHandle> names =
      ParseFooter(file.Read(file.size() - kFooterBytes, kFooterBytes), file.size());
  if (!names) return false;
  const std::optional<std::string> block = file.ReadBlock(*names);
  if (!block) return false;
  const std::optional<BlockHandle> properties = FindProperties(*block, file.size());
  return properties && file.ReadBlock(*properties);
}

absl::Status CheckEnd(const std::string& path) {
  RawFile file;
  RETURN_IF_ERROR(file.Open(path));
  if (EndIsWhole(file)) return absl::OkStatus();
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
    RETURN_IF_ERROR(CheckEnd(path_));
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
