#include "tsdb/kv/kv_store.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <filesystem>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/io/file.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/kv/rocks.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kWriteBufferBytes = 32 << 20;
constexpr size_t kMaxWalBytes = 256 << 20;
constexpr size_t kBlockBytes = 256 << 10;
constexpr size_t kReadAheadBytes = 4 << 20;

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }

rocksdb::ColumnFamilyOptions FamilyOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kWriteBufferBytes;
  options.max_write_buffer_number = 2;
  options.compression = rocksdb::kZSTD;
  options.compression_opts.level = 1;
  // Version 7.8 would otherwise rewrite old files on its own account.
  options.ttl = 0;
  options.periodic_compaction_seconds = 0;
  rocksdb::BlockBasedTableOptions table;
  // Large blocks: values are read in order, never one by one, and neighbouring batches resemble
  // each other, which only a compressor that sees both can use.
  table.block_size = kBlockBytes;
  table.no_block_cache = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::DBOptions DatabaseOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  // One family that is rarely written would otherwise keep every log file alive.
  options.max_total_wal_size = kMaxWalBytes;
  // A damaged log record costs that record, not all that follow: the values carry their own
  // checksums and numbers, so what is missing is seen by their reader.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  // A restart should not cost a flush.
  options.avoid_flush_during_recovery = true;
  options.avoid_flush_during_shutdown = true;
  options.keep_log_file_num = 2;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

class RocksStore : public KvStore {
 public:
  explicit RocksStore(Options options) : options_(std::move(options)) {}
  ~RocksStore() override { Close().IgnoreError(); }

  absl::Status OpenFiles() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return OpenLocked();
  }

  absl::Status Put(std::span<const Write> writes) override {
    absl::ReaderMutexLock lock(&mu_);
    RETURN_IF_ERROR(CheckOpen());
    rocksdb::WriteBatch batch;
    for (const Write& w : writes) {
      const auto s = batch.Put(families_[w.family], ToSlice(w.key), ToSlice(w.value));
      if (!s.ok()) return FromRocks(s, "cannot write", options_.path);
    }
    return Noted(db_->Write({}, &batch), "cannot write");
  }

  absl::Status DeleteRange(size_t family, std::string_view begin, std::string_view end) override {
    absl::ReaderMutexLock lock(&mu_);
    RETURN_IF_ERROR(CheckOpen());
    return Noted(db_->DeleteRange({}, families_[family], ToSlice(begin), ToSlice(end)),
                 "cannot delete in");
  }

  absl::Status Sync() override {
    absl::ReaderMutexLock lock(&mu_);
    RETURN_IF_ERROR(CheckOpen());
    return Noted(db_->SyncWAL(), "cannot sync");
  }

  absl::Status Recover() override {
    absl::MutexLock lock(&mu_);
    if (db_ == nullptr && !reopen_) return CheckOpen();
    CloseLocked().IgnoreError();  // the failure was reported when it happened
    const absl::Status opened = OpenLocked();
    reopen_ = !opened.ok();
    return opened;
  }

  absl::StatusOr<std::unique_ptr<KvIterator>> NewIterator(size_t family) const override {
    absl::ReaderMutexLock lock(&mu_);
    RETURN_IF_ERROR(CheckOpen());
    rocksdb::ReadOptions read;
    read.readahead_size = kReadAheadBytes;
    read.fill_cache = false;
    return WrapIterator(
        std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(read, families_[family])),
        options_.path);
  }

  uint64_t DiskBytes() const override {
    uint64_t bytes = 0;
    std::error_code error;
    for (auto it = std::filesystem::directory_iterator(options_.path, error);
         !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
      std::error_code gone;  // RocksDB may delete a file meanwhile
      const uint64_t size = it->file_size(gone);
      if (!gone) bytes += size;
    }
    return bytes;
  }

  absl::Status Close() override {
    absl::MutexLock lock(&mu_);
    reopen_ = false;
    return CloseLocked();
  }

 private:
  absl::Status CheckOpen() const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    if (db_ == nullptr) return absl::UnavailableError(StrCat("store is closed: ", options_.path));
    if (failed_) return absl::UnavailableError(StrCat("a write failed before: ", options_.path));
    return absl::OkStatus();
  }
  // Remembers a failed write: RocksDB, as Debian builds it, aborts the process when the log is
  // written or synced again after an error.
  absl::Status Noted(const rocksdb::Status& s, std::string_view what) {
    if (!s.ok()) failed_ = true;
    return FromRocks(s, what, options_.path);
  }

  absl::Status OpenLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status CloseLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  std::atomic<bool> failed_{false};  // since it was opened
  mutable absl::Mutex mu_;           // held exclusively only to open and close
  std::unique_ptr<rocksdb::DB> db_ ABSL_GUARDED_BY(mu_);
  std::vector<rocksdb::ColumnFamilyHandle*> families_ ABSL_GUARDED_BY(mu_);
  bool reopen_ ABSL_GUARDED_BY(mu_) = false;  // Recover closed it and could not open it again
};

// RocksDB syncs only logs that it has written itself. What a killed process left in the kernel's
// cache is brought to the disk here, so that a later Sync speaks for all that was read back.
absl::Status SyncOldLogs(const std::string& path) {
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(path, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    if (it->path().extension() != ".log") continue;
    const int fd = open(it->path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return ErrnoError("cannot open", it->path().string());
    const bool synced = fsync(fd) == 0;
    const absl::Status failure = ErrnoError("cannot sync", it->path().string());
    close(fd);
    if (!synced) return failure;
  }
  return absl::OkStatus();  // a directory that is not there yet has no logs
}

absl::Status RocksStore::OpenLocked() {
  RETURN_IF_ERROR(SyncOldLogs(options_.path));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  // RocksDB insists on a family of that name; it stays empty.
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, FamilyOptions());
  for (const std::string& name : options_.families) descriptors.emplace_back(name, FamilyOptions());
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status s =
      rocksdb::DB::Open(DatabaseOptions(), options_.path, descriptors, &handles, &db);
  if (!s.ok()) return FromRocks(s, "cannot open", options_.path);
  db_.reset(db);
  db_->DestroyColumnFamilyHandle(handles[0]);
  families_.assign(handles.begin() + 1, handles.end());
  failed_ = false;
  return absl::OkStatus();
}

absl::Status RocksStore::CloseLocked() {
  if (db_ == nullptr) return absl::OkStatus();
  const rocksdb::Status synced = failed_ ? rocksdb::Status::OK() : db_->SyncWAL();
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
  families_.clear();
  const rocksdb::Status closed = db_->Close();
  db_.reset();
  return FromRocks(synced.ok() ? closed : synced, "cannot close", options_.path);
}

}  // namespace

absl::StatusOr<std::unique_ptr<KvStore>> KvStore::Open(const Options& options) {
  auto store = std::make_unique<RocksStore>(options);
  RETURN_IF_ERROR(store->OpenFiles());
  return store;
}

}  // namespace tidemark::tsdb
