#include "tsdb/kv/sst_writer.h"

#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <filesystem>

#include "base/strings.h"
#include "tsdb/kv/rocks.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kIndexBlockBytes = 16 << 10;
constexpr uint64_t kBytesPerSync = 1 << 20;

rocksdb::Options WriteOptions(const SstWriter::Options& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = options.block_bytes;
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  // An index of two levels, so that opening a large file does not read all of its index. Restarts
  // that are not at every entry let the second level state lengths instead of positions.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.metadata_block_size = kIndexBlockBytes;
  table.index_block_restart_interval = 16;
  rocksdb::Options rocks;
  rocks.compression = options.compress ? rocksdb::kZSTD : rocksdb::kNoCompression;
  rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return rocks;
}

rocksdb::EnvOptions FileOptions() {
  rocksdb::EnvOptions options;
  options.bytes_per_sync = kBytesPerSync;  // no long wait for the disk at the end
  return options;
}

class RocksSstWriter : public SstWriter {
 public:
  // What was just written is read next, so its pages stay in the kernel's cache.
  RocksSstWriter(const std::string& path, const Options& options)
      : path_(path),
        writer_(FileOptions(), WriteOptions(options), /*column_family=*/nullptr,
                /*invalidate_page_cache=*/false) {}

  absl::Status OpenFile() {
    // Another name of the old file, such as that in a snapshot, keeps its bytes.
    std::error_code error;
    std::filesystem::remove(path_, error);
    return Noted(writer_.Open(path_), "cannot create");
  }

  absl::Status Put(std::string_view key, std::string_view value) override {
    if (failed_) return FailedBefore();
    // RocksDB's assertions end the process where this does not hold.
    if (num_keys_ > 0 && key <= last_key_) {
      failed_ = true;
      return absl::InternalError(StrCat("key ", num_keys_, " is out of order: ", path_));
    }
    last_key_ = key;
    ++num_keys_;
    return Noted(writer_.Put({key.data(), key.size()}, {value.data(), value.size()}),
                 "cannot write");
  }

  absl::Status Finish() override {
    if (failed_) return FailedBefore();
    if (num_keys_ == 0) return absl::InternalError(StrCat("no keys: ", path_));
    rocksdb::ExternalSstFileInfo info;
    const absl::Status finished = Noted(writer_.Finish(&info), "cannot finish");
    file_bytes_ = info.file_size;
    failed_ = true;  // nothing may follow
    return finished;
  }

  uint64_t file_bytes() const override { return file_bytes_; }

 private:
  absl::Status FailedBefore() const {
    return absl::UnavailableError(StrCat("failed or finished before: ", path_));
  }
  absl::Status Noted(const rocksdb::Status& s, std::string_view what) {
    if (!s.ok()) failed_ = true;
    file_bytes_ = writer_.FileSize();
    return FromRocks(s, what, path_);
  }

  const std::string path_;
  rocksdb::SstFileWriter writer_;
  std::string last_key_;
  uint64_t num_keys_ = 0, file_bytes_ = 0;
  bool failed_ = false;  // RocksDB's writer must not be called any more
};

}  // namespace

absl::StatusOr<std::unique_ptr<SstWriter>> SstWriter::Create(const std::string& path,
                                                             const Options& options) {
  auto writer = std::make_unique<RocksSstWriter>(path, options);
  if (absl::Status opened = writer->OpenFile(); !opened.ok()) return opened;
  return writer;
}

}  // namespace tidemark::tsdb
