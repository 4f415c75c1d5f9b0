#include "tsdb/kv/kv_store.h"

#include <fcntl.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdarg>
#include <filesystem>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/io/file.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/kv/kv_salvage.h"
#include "tsdb/kv/rocks.h"

namespace tidemark::tsdb {
namespace {

// What is in no table yet, in memory twice over while one is being written. A buffer more is there
// for when the disk is slower than that.
constexpr size_t kWriteBufferBytes = 8 << 20;
constexpr int kMaxWriteBuffers = 3;
constexpr size_t kMaxWalBytes = 256 << 20;
constexpr size_t kBlockBytes = 256 << 10;
constexpr size_t kReadAheadBytes = 512 << 10;  // of each file that an iterator reads
// What must fit on the disk for it not to count as full: more than RocksDB writes when it opens.
constexpr size_t kProbeBytes = 1 << 20;

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }

// RocksDB would write to its log again once there is space, which in the state after a failed write
// ends in an assertion. Recover does it from the start.
class NoAutomaticRecovery : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* automatic) override {
    *automatic = false;
  }
};

// In the place of RocksDB's own log file: on a full disk that one, as Debian builds it, aborts the
// process with its second line. What matters of it comes as the status of a call.
class NoLogger : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

rocksdb::ColumnFamilyOptions JournalFamilyOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kWriteBufferBytes;
  options.max_write_buffer_number = kMaxWriteBuffers;
  // Most of it is deleted within minutes: per MB zstd took 4 ms of a core, this takes 2.
  options.compression = rocksdb::kLZ4Compression;
  // Keys ascend, so the files of level 0 lie in a row: nothing is gained from merging them.
  options.disable_auto_compactions = true;
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

rocksdb::DBOptions JournalDatabaseOptions() {
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
  options.info_log = std::make_shared<NoLogger>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.listeners.push_back(std::make_shared<NoAutomaticRecovery>());
  return options;
}

namespace {

// The number of a log file, 0 where it is none.
uint64_t LogNumber(const std::filesystem::path& file) {
  uint64_t number = 0;
  if (file.extension() != ".log") return 0;
  const std::string stem = file.stem().string();
  const auto parsed = std::from_chars(stem.data(), stem.data() + stem.size(), number);
  return parsed.ptr == stem.data() + stem.size() ? number : 0;
}

enum class IfAbsent { kIgnore, kFail };

absl::Status SyncFile(const std::string& path, int flags, IfAbsent if_absent) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT && if_absent == IfAbsent::kIgnore) return absl::OkStatus();
    return ErrnoError("cannot open", path);
  }
  const bool synced = fdatasync(fd) == 0;
  const absl::Status failure = ErrnoError("cannot sync", path);
  close(fd);
  return synced ? absl::OkStatus() : failure;
}

// Brings RocksDB's logs to the disk, by file descriptors of its own: RocksDB syncs only logs that
// this process wrote, so not what a killed one left in the kernel's cache, and, as Debian builds
// it, aborts the process when it is to sync a log that could not be written. Thread-safe.
class LogSyncer {
 public:
  explicit LogSyncer(std::string path) : path_(std::move(path)) {}

  absl::Status Sync() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    uint64_t newest = newest_;
    std::error_code error;
    for (auto it = std::filesystem::directory_iterator(path_, error);
         !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
      const uint64_t number = LogNumber(it->path());
      // A log is final once there is a newer one.
      if (number == 0 || number < newest_) continue;
      // RocksDB deletes a log once all that is in it is in a table.
      RETURN_IF_ERROR(SyncFile(it->path().string(), O_RDONLY, IfAbsent::kIgnore));
      newest = std::max(newest, number);
    }
    if (error == std::errc::no_such_file_or_directory) return absl::OkStatus();
    if (error) return absl::UnavailableError(StrCat("cannot list ", path_, ": ", error.message()));
    if (newest == newest_) return absl::OkStatus();
    RETURN_IF_ERROR(SyncFile(path_, O_RDONLY | O_DIRECTORY, IfAbsent::kFail));
    newest_ = newest;
    return absl::OkStatus();
  }

 private:
  const std::string path_;
  absl::Mutex mu_;
  uint64_t newest_ ABSL_GUARDED_BY(mu_) = 0;  // the highest number among the synced
};

// Whether the disk has room for RocksDB to open the store: for what it always writes, which a file
// tries out that is removed at once, and for a table of what is in the logs.
absl::Status ProbeSpace(const std::string& directory) {
  uint64_t needed = kProbeBytes;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(directory, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    std::error_code gone;
    const uint64_t size = LogNumber(it->path()) == 0 ? 0 : it->file_size(gone);
    if (!gone) needed += size;
  }
  const std::filesystem::space_info space = std::filesystem::space(directory, error);
  if (!error && space.available < needed) {
    return absl::ResourceExhaustedError(StrCat("no room for ", needed, " bytes in ", directory));
  }
  const std::string path = directory + "/000000.dbtmp";  // RocksDB removes those that were left
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return absl::UnavailableError(ErrnoError("cannot create", path).message());
  const std::string bytes(kProbeBytes, 'x');
  size_t done = 0;
  ssize_t written = 1;
  while (done < bytes.size() && written > 0) {
    written = write(fd, bytes.data() + done, bytes.size() - done);
    if (written > 0) done += static_cast<size_t>(written);
  }
  const int reason = errno;
  close(fd);
  unlink(path.c_str());
  if (done == bytes.size()) return absl::OkStatus();
  const std::string message = StrCat("no room for ", kProbeBytes, " bytes in ", directory);
  if (reason == ENOSPC || reason == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

// Whatever else stands in the way of opening is damage, as long as the files can be read.
bool IsDamage(const rocksdb::Status& s) {
  return !s.ok() && !s.IsNoSpace() && (!s.IsIOError() || s.IsPathNotFound());
}

bool IsLockedElsewhere(const rocksdb::Status& s) {
  return s.IsIOError() && !s.IsPathNotFound() && !s.IsNoSpace() &&
         s.ToString().find("/LOCK: ") != std::string::npos;
}

// Finds damage, and moves out of RocksDB's way what it would delete.
//   DataLoss            there is some
//   ResourceExhausted   the disk is full
//   FailedPrecondition  somebody has it open
absl::Status LookAtFiles(const KvStore::Options& options) {
  RETURN_IF_ERROR(FinishRebuild(options));
  std::error_code error;
  std::filesystem::create_directories(options.path, error);
  if (error == std::errc::no_space_on_device) {
    return absl::ResourceExhaustedError(StrCat("cannot make ", options.path, ": the disk is full"));
  }
  if (error) {
    return absl::UnavailableError(StrCat("cannot make ", options.path, ": ", error.message()));
  }
  rocksdb::Env* env = rocksdb::Env::Default();
  rocksdb::FileLock* held = nullptr;
  const rocksdb::Status locked = env->LockFile(options.path + "/LOCK", &held);
  if (IsLockedElsewhere(locked)) {
    return absl::FailedPreconditionError(StrCat("somebody has it open: ", locked.ToString()));
  }
  const auto unlock = [env](rocksdb::FileLock* l) { env->UnlockFile(l).PermitUncheckedError(); };
  const std::unique_ptr<rocksdb::FileLock, decltype(unlock)> lock(held, unlock);
  RETURN_IF_ERROR(ProbeSpace(options.path));
  ASSIGN_OR_RETURN(const std::vector<std::string> unnamed, FindUnnamedTables(options));
  return MoveOut(unnamed, options);
}

enum class OpenFor { kWriting, kReading };

class RocksStore : public KvStore {
 public:
  explicit RocksStore(Options options) : options_(std::move(options)), logs_(options_.path) {}
  ~RocksStore() override { Close().IgnoreError(); }

  absl::Status OpenFiles(OpenFor purpose) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    RETURN_IF_ERROR(OpenLocked(purpose));
    is_open_ = true;
    return absl::OkStatus();
  }

  absl::Status Put(std::span<const Write> writes) override {
    absl::ReaderMutexLock lock(&mu_);
    RETURN_IF_ERROR(CheckWritable());
    rocksdb::WriteBatch batch;
    for (const Write& w : writes) {
      const auto s = batch.Put(families_[w.family], ToSlice(w.key), ToSlice(w.value));
      if (!s.ok()) return FromRocks(s, "cannot write", options_.path);
    }
    return Noted(db_->Write({}, &batch), "cannot write");
  }

  absl::Status DeleteRange(size_t family, std::string_view begin, std::string_view end) override {
    absl::ReaderMutexLock lock(&mu_);
    RETURN_IF_ERROR(CheckWritable());
    return Noted(db_->DeleteRange({}, families_[family], ToSlice(begin), ToSlice(end)),
                 "cannot delete in");
  }

  absl::Status DropBefore(size_t family, std::string_view key) override {
    {
      absl::ReaderMutexLock lock(&mu_);
      RETURN_IF_ERROR(CheckWritable());
      RETURN_IF_ERROR(DeleteFilesBefore(family, key));
    }
    // No put is under way: the flush begins a new log, which must not meet a failed write.
    absl::MutexLock lock(&mu_);
    RETURN_IF_ERROR(CheckWritable());
    return DropFromMemory(family, key);
  }

  absl::Status Sync() override {
    absl::ReaderMutexLock lock(&mu_);
    if (!is_open_) return Closed();
    if (sync_failed_) return absl::UnavailableError(StrCat("a sync failed: ", options_.path));
    const absl::Status synced = logs_.Sync();
    if (synced.ok()) return synced;
    sync_failed_ = true;
    return absl::UnavailableError(synced.message());
  }

  absl::Status Recover() override {
    absl::MutexLock lock(&mu_);
    if (!is_open_) return Closed();
    if (sync_failed_) return absl::UnavailableError(StrCat("a sync failed: ", options_.path));
    RETURN_IF_ERROR(ProbeSpace(options_.path));
    CloseLocked().IgnoreError();  // the failure was reported when it happened
    const absl::Status opened = OpenLocked(OpenFor::kWriting);
    if (opened.ok()) return opened;
    OpenLocked(OpenFor::kReading).IgnoreError();  // the first failure says why
    return opened;
  }

  bool is_read_only() const override { return is_read_only_; }

  absl::StatusOr<std::unique_ptr<KvIterator>> NewIterator(size_t family) const override {
    absl::ReaderMutexLock lock(&mu_);
    if (db_ == nullptr) return Closed();
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
    is_open_ = false;
    return CloseLocked();
  }

 private:
  absl::Status Closed() const {
    return absl::UnavailableError(StrCat("store is closed: ", options_.path));
  }
  absl::Status CheckWritable() const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    if (!is_open_) return Closed();
    if (is_read_only_) return absl::AbortedError(StrCat("the disk was full: ", options_.path));
    if (failed_ || db_ == nullptr) {
      return absl::AbortedError(StrCat("a write failed before: ", options_.path));
    }
    return absl::OkStatus();
  }
  // Remembers a failed write: RocksDB, as Debian builds it, aborts the process when the log is
  // written again after an error.
  absl::Status Noted(const rocksdb::Status& s, std::string_view what) {
    if (!s.ok()) failed_ = true;
    return FromRocks(s, what, options_.path);
  }

  // The files whose keys are all before `key`.
  absl::Status DeleteFilesBefore(size_t family, std::string_view key)
      ABSL_SHARED_LOCKS_REQUIRED(mu_);
  // The keys that are in no file yet, and those that share one with keys that stay.
  absl::Status DropFromMemory(size_t family, std::string_view key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  absl::Status OpenLocked(OpenFor purpose) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status CloseLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  LogSyncer logs_;
  std::atomic<bool> failed_{false};        // a write, since it was opened
  std::atomic<bool> is_read_only_{false};  // as it was opened
  std::atomic<bool> sync_failed_{false};   // for good
  mutable absl::Mutex mu_;                 // held exclusively only to open, close and begin a log
  bool is_open_ ABSL_GUARDED_BY(mu_) = false;
  // Null also where Recover closed it and could not open it again.
  std::unique_ptr<rocksdb::DB> db_ ABSL_GUARDED_BY(mu_);
  std::vector<rocksdb::ColumnFamilyHandle*> families_ ABSL_GUARDED_BY(mu_);
};

absl::Status RocksStore::DeleteFilesBefore(size_t family, std::string_view key) {
  const rocksdb::Slice end = ToSlice(key);
  // Level 0 from the oldest file on, the only order that DeleteFile takes.
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.largest_seqno < b.largest_seqno; });
  for (const rocksdb::LiveFileMetaData& file : files) {
    if (file.column_family_name != families_[family]->GetName() || file.level != 0) continue;
    // The oldest file has nothing below it that its deletions could delete. Counts that were not
    // read yet are 0.
    const bool only_deletes = file.num_entries > 0 && file.num_entries == file.num_deletions;
    if (file.largestkey >= key && !only_deletes) break;
    const rocksdb::Status deleted = db_->DeleteFile(file.name);
    if (deleted.IsInvalidArgument()) break;  // an older store has files in levels below
    if (!deleted.ok()) return Noted(deleted, "cannot delete a file of");
  }
  const rocksdb::Status deleted =
      rocksdb::DeleteFilesInRange(db_.get(), families_[family], nullptr, &end, false);
  return deleted.ok() ? absl::OkStatus() : Noted(deleted, "cannot delete files of");
}

absl::Status RocksStore::DropFromMemory(size_t family, std::string_view key) {
  const rocksdb::Status deleted = db_->DeleteRange({}, families_[family], "", ToSlice(key));
  RETURN_IF_ERROR(Noted(deleted, "cannot delete in"));
  // What is deleted is not flushed, and the log that holds it goes.
  rocksdb::FlushOptions flush;
  flush.wait = false;
  flush.allow_write_stall = true;
  return Noted(db_->Flush(flush, families_[family]), "cannot flush");
}

absl::Status RocksStore::OpenLocked(OpenFor purpose) {
  RETURN_IF_ERROR(logs_.Sync());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  // RocksDB insists on a family of that name; it stays empty.
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, JournalFamilyOptions());
  for (const std::string& name : options_.families) {
    descriptors.emplace_back(name, JournalFamilyOptions());
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::Status s;
  const rocksdb::DBOptions settings = JournalDatabaseOptions();
  if (purpose == OpenFor::kWriting) {
    s = rocksdb::DB::Open(settings, options_.path, descriptors, &handles, &db);
    if (IsLockedElsewhere(s)) {
      return absl::FailedPreconditionError(StrCat("somebody has it open: ", s.ToString()));
    }
  } else {
    s = rocksdb::DB::OpenForReadOnly(settings, options_.path, descriptors, &handles, &db);
  }
  is_read_only_ = purpose == OpenFor::kReading;
  if (IsDamage(s)) {
    return absl::DataLossError(FromRocks(s, "cannot open", options_.path).message());
  }
  if (!s.ok()) return FromRocks(s, "cannot open", options_.path);
  db_.reset(db);
  db_->DestroyColumnFamilyHandle(handles[0]);
  families_.assign(handles.begin() + 1, handles.end());
  failed_ = false;
  return absl::OkStatus();
}

absl::Status RocksStore::CloseLocked() {
  if (db_ == nullptr) return absl::OkStatus();
  const absl::Status synced = sync_failed_ ? absl::OkStatus() : logs_.Sync();
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
  families_.clear();
  const rocksdb::Status closed = db_->Close();
  db_.reset();
  RETURN_IF_ERROR(synced);
  return FromRocks(closed, "cannot close", options_.path);
}

}  // namespace

absl::StatusOr<std::unique_ptr<KvStore>> KvStore::Open(const Options& options) {
  OpenReport report;
  auto store = std::make_unique<RocksStore>(options);
  absl::Status opened = LookAtFiles(options);
  if (opened.ok()) opened = store->OpenFiles(OpenFor::kWriting);
  if (absl::IsDataLoss(opened)) {
    log::Error("the journal cannot be opened as it is", {{"err", opened.ToString()}});
    RETURN_IF_ERROR(RebuildStore(options, report));
    opened = store->OpenFiles(OpenFor::kWriting);
  } else if (absl::IsResourceExhausted(opened)) {
    // RocksDB would not only fail to open it, but abort the process.
    log::Error("the journal is opened for reading only", {{"err", opened.ToString()}});
    const absl::Status full = opened;
    opened = store->OpenFiles(OpenFor::kReading);
    if (absl::IsDataLoss(opened)) return full;  // there is none, or it cannot be made anew
  }
  RETURN_IF_ERROR(opened);
  if (!store->is_read_only()) RETURN_IF_ERROR(RestoreMovedOut(options, *store, report));
  store->open_report_ = std::move(report);
  return store;
}

absl::StatusOr<std::unique_ptr<KvStore>> KvStore::OpenForReading(const Options& options) {
  std::error_code error;
  if (!std::filesystem::exists(options.path, error)) {
    return absl::NotFoundError(StrCat("there is no store: ", options.path));
  }
  auto store = std::make_unique<RocksStore>(options);
  RETURN_IF_ERROR(store->OpenFiles(OpenFor::kReading));
  return store;
}

}  // namespace tidemark::tsdb
