#include "tsdb/kv/kv_salvage.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include "base/io/file.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/kv/log_records.h"
#include "tsdb/kv/rocks.h"
#include "tsdb/kv/sst_reader.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTable = ".sst", kLog = ".log";
constexpr std::string_view kManifestPrefix = "MANIFEST-";
// Bytes of keys and values that are put at a time.
constexpr size_t kBatchBytes = 1 << 20;
// What RocksDB writes before the keys of a batch: a number and how many there are.
constexpr size_t kBatchHeaderBytes = 12;
constexpr uint64_t kSpareBytes = 4 << 20;

absl::Status Failed(std::string_view what, const std::string& path, const std::error_code& error) {
  const std::string message = StrCat(what, " ", path, ": ", error.message());
  if (error == std::errc::no_space_on_device) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  return error ? Failed("cannot make", path, error) : absl::OkStatus();
}

absl::Status Rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? Failed("cannot rename", from, error) : absl::OkStatus();
}

absl::Status Remove(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? Failed("cannot remove", path, error) : absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoError("cannot open", path);
  const bool synced = fsync(fd) == 0;
  const absl::Status failure = ErrnoError("cannot sync", path);
  close(fd);
  return synced ? absl::OkStatus() : failure;
}

std::string Parent(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

// The files of a directory that end in `extension`, all with an empty one; ascending, which for
// RocksDB's files is the order in which they were made. None where there is no directory.
absl::StatusOr<std::vector<std::string>> FilesIn(const std::string& directory,
                                                 std::string_view extension) {
  std::vector<std::string> files;
  std::error_code error;
  for (auto it = fs::directory_iterator(directory, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    if (extension.empty() || it->path().extension() == extension) {
      files.push_back(it->path().string());
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return Failed("cannot list", directory, error);
  }
  // Numbers have six digits or, beyond a million, more.
  std::sort(files.begin(), files.end(), [](const std::string& a, const std::string& b) {
    return std::pair(a.size(), std::string_view(a)) < std::pair(b.size(), std::string_view(b));
  });
  return files;
}

// What Options leave open.
std::string SetAsideDirectory(const KvStore::Options& options) {
  return options.set_aside.empty() ? Parent(options.path) + "/damaged" : options.set_aside;
}
std::string UnfinishedPath(const KvStore::Options& options) { return options.path + ".tmp"; }
std::string RebuiltPath(const KvStore::Options& options) { return options.path + ".rebuilt"; }
std::string MovedOutPath(const KvStore::Options& options) { return options.path + ".unnamed"; }
std::string MirrorPath(const KvStore::Options& options) { return options.path + ".links"; }

// Moves a file or directory to where nothing is deleted; its path there.
absl::StatusOr<std::string> SetAside(const KvStore::Options& options, const std::string& path) {
  const std::string directory = SetAsideDirectory(options);
  RETURN_IF_ERROR(MakeDirectory(directory));
  const std::string name = fs::path(options.path).filename().string();
  const std::string file = fs::path(path).filename().string();
  const std::string stem = path == options.path ? name : StrCat(name, "-", file);
  for (uint64_t i = 1;; ++i) {
    const std::string to = StrCat(directory, "/", stem, "-", i);
    if (fs::exists(to)) continue;
    RETURN_IF_ERROR(Rename(path, to));
    RETURN_IF_ERROR(SyncDirectory(directory));
    return to;
  }
}

absl::Status CheckCurrent(const std::string& path) {
  const absl::StatusOr<std::string> current = ReadFile(path + "/CURRENT");
  if (absl::IsNotFound(current.status())) return absl::DataLossError(path + "/CURRENT is missing");
  RETURN_IF_ERROR(current.status());
  const bool names_one = current->starts_with(kManifestPrefix) && current->ends_with('\n') &&
                         current->find('/') == std::string::npos;
  if (!names_one) return absl::DataLossError(path + "/CURRENT is damaged");
  const std::string manifest = StrCat(path, "/", current->substr(0, current->size() - 1));
  if (!fs::exists(manifest)) {
    return absl::DataLossError(StrCat(path, "/CURRENT names ", manifest, ", which is missing"));
  }
  return absl::OkStatus();
}

std::vector<rocksdb::ColumnFamilyDescriptor> Descriptors(const KvStore::Options& options) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, JournalFamilyOptions());
  for (const std::string& name : options.families) {
    descriptors.emplace_back(name, JournalFamilyOptions());
  }
  return descriptors;
}

// A RocksDB for a moment.
class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { Close().IgnoreError(); }

  absl::Status Open(const std::string& path, const KvStore::Options& options, bool read_only) {
    rocksdb::DBOptions settings = JournalDatabaseOptions();
    settings.avoid_flush_during_recovery = false;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status s =
        read_only
            ? rocksdb::DB::OpenForReadOnly(settings, path, Descriptors(options), &families_, &db)
            : rocksdb::DB::Open(settings, path, Descriptors(options), &families_, &db);
    db_.reset(db);
    // Whatever stands in its way is damage, as long as the files can be read.
    if (s.ok() || s.IsNoSpace() || (s.IsIOError() && !s.IsPathNotFound())) {
      return FromRocks(s, "cannot open", path);
    }
    return absl::DataLossError(FromRocks(s, "cannot open", path).message());
  }
  absl::Status Close() {
    if (db_ == nullptr) return absl::OkStatus();
    for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
    const rocksdb::Status closed = db_->Close();
    db_.reset();
    return FromRocks(closed, "cannot close", "a store");
  }
  rocksdb::DB* operator->() const { return db_.get(); }
  // Null where there is none of that name.
  rocksdb::ColumnFamilyHandle* family(std::string_view name) const {
    for (rocksdb::ColumnFamilyHandle* f : families_) {
      if (f->GetName() == name) return f;
    }
    return nullptr;
  }
  absl::Status Flush() {
    rocksdb::FlushOptions flush;
    flush.allow_write_stall = true;
    return FromRocks(db_->Flush(flush, families_), "cannot flush", "a store");
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

using Visit = std::function<absl::Status(const rocksdb::Slice& key, const rocksdb::Slice& value)>;

// Visits what can be read of a table: from the front up to damage, and from the back down to it.
// DataLoss where there was some.
absl::Status VisitTable(rocksdb::SstFileReader& reader, const std::string& path,
                        const Visit& visit) {
  rocksdb::ReadOptions read;
  read.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator(read));
  std::string last;
  bool any = false;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    RETURN_IF_ERROR(visit(it->key(), it->value()));
    last = it->key().ToString();
    any = true;
  }
  const rocksdb::Status status = it->status();
  if (status.ok()) return absl::OkStatus();
  for (it->SeekToLast(); it->Valid() && (!any || it->key().compare(last) > 0); it->Prev()) {
    RETURN_IF_ERROR(visit(it->key(), it->value()));
  }
  return absl::DataLossError(FromRocks(status, "cannot read all of", path).message());
}

// Opens a table and gives the name of its family.
absl::StatusOr<std::string> OpenTable(const std::string& path, rocksdb::SstFileReader& reader) {
  RETURN_IF_ERROR(SstReader::Open(path, nullptr).status());  // checks what RocksDB does not
  const rocksdb::Status opened = reader.Open(path);
  if (!opened.ok()) return FromRocks(opened, "cannot open", path);
  return reader.GetTableProperties()->column_family_name;
}

// Copies what can be read of a table.
absl::Status CopyTable(const std::string& path, Database& to, uint64_t& num_keys) {
  rocksdb::SstFileReader reader{rocksdb::Options()};
  ASSIGN_OR_RETURN(const std::string name, OpenTable(path, reader));
  rocksdb::ColumnFamilyHandle* family = to.family(name);
  if (family == nullptr) return absl::DataLossError(StrCat(path, " is of no known family"));
  rocksdb::WriteOptions unlogged;  // it is flushed in the end
  unlogged.disableWAL = true;
  rocksdb::WriteBatch batch;
  const auto write = [&]() -> absl::Status {
    num_keys += static_cast<uint64_t>(batch.Count());
    const rocksdb::Status s = to->Write(unlogged, &batch);
    batch.Clear();
    return FromRocks(s, "cannot write what was read of", path);
  };
  const absl::Status visited =
      VisitTable(reader, path, [&](const rocksdb::Slice& key, const rocksdb::Slice& value) {
        const rocksdb::Status s = batch.Put(family, key, value);
        if (!s.ok()) return FromRocks(s, "cannot write what was read of", path);
        return batch.GetDataSize() < kBatchBytes ? absl::OkStatus() : write();
      });
  if (!visited.ok() && !absl::IsDataLoss(visited)) return visited;
  RETURN_IF_ERROR(write());
  return visited;
}

// Links a file, or copies it where it cannot be linked.
absl::Status LinkOrCopy(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  if (!error) return absl::OkStatus();
  fs::copy_file(from, to, error);
  return error ? Failed("cannot copy", from, error) : absl::OkStatus();
}

// Writes the records of a log that are whole: those that RocksDB cannot read for others.
absl::Status CopyLogRecords(const std::string& log, const std::string& path,
                            const KvStore::Options& options, uint64_t& num_keys) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(log));
  Database db;
  RETURN_IF_ERROR(db.Open(path, options, false));
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  RETURN_IF_ERROR(VisitLogRecords(bytes, [&](std::string_view record) {
    if (record.size() < kBatchHeaderBytes) return absl::OkStatus();
    rocksdb::WriteBatch batch{std::string(record)};
    num_keys += static_cast<uint64_t>(batch.Count());
    return FromRocks(db->Write(unlogged, &batch), "cannot write what was read of", log);
  }));
  RETURN_IF_ERROR(db.Flush());
  return db.Close();
}

// Lets RocksDB read a log as if it were that of the new store. Families have the numbers of their
// order there and here.
absl::Status CopyLog(const std::string& log, const std::string& path, uint64_t number,
                     const KvStore::Options& options, uint64_t& num_keys) {
  std::string digits = StrCat(number);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  const std::string copy = StrCat(path, "/", digits, kLog);
  std::error_code error;
  fs::copy_file(log, copy, error);  // no link: RocksDB may cut its end
  if (error == std::errc::no_space_on_device) return Failed("cannot copy", log, error);
  if (error) return absl::DataLossError(Failed("cannot copy", log, error).message());
  Database db;
  const absl::Status opened = db.Open(path, options, false);
  if (opened.ok()) return db.Close();
  if (!absl::IsDataLoss(opened)) return opened;
  fs::remove(copy, error);
  const absl::Status copied = CopyLogRecords(log, path, options, num_keys);
  return copied.ok() ? opened : copied;
}

// Damage of one file is logged and counted; any other error ends the whole.
absl::Status Note(const absl::Status& status, KvStore::OpenReport& report) {
  if (!absl::IsDataLoss(status)) return status;
  ++report.num_damaged_files;
  log::Error("a file of the journal is damaged", {{"err", status.ToString()}});
  return absl::OkStatus();
}

absl::Status CopyAll(const KvStore::Options& options, const std::string& to,
                     KvStore::OpenReport& report) {
  ASSIGN_OR_RETURN(const std::vector<std::string> tables, FilesIn(options.path, kTable));
  ASSIGN_OR_RETURN(const std::vector<std::string> logs, FilesIn(options.path, kLog));
  Database db;
  RETURN_IF_ERROR(db.Open(to, options, false));
  for (const std::string& table : tables) {
    RETURN_IF_ERROR(Note(CopyTable(table, db, report.num_restored), report));
  }
  RETURN_IF_ERROR(db.Flush());
  RETURN_IF_ERROR(db.Close());
  // Beyond the numbers of all files that it takes to read the logs before.
  constexpr uint64_t kNumbersPerLog = 10'000;
  uint64_t number = 0;
  for (const std::string& log : logs) {
    number += kNumbersPerLog;
    RETURN_IF_ERROR(Note(CopyLog(log, to, number, options, report.num_restored), report));
  }
  return SyncDirectory(to);
}

// Whether there is room for a second store: RocksDB aborts the process when it runs out.
absl::Status CheckRoom(const KvStore::Options& options) {
  ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesIn(options.path, ""));
  uint64_t bytes = kSpareBytes;
  std::error_code error;
  for (const std::string& file : files) {
    const uint64_t size = fs::file_size(file, error);
    if (!error) bytes += 2 * size;  // a log is copied and becomes a table
  }
  const fs::space_info space = fs::space(Parent(options.path), error);
  if (error) return Failed("cannot tell the room beside", options.path, error);
  if (space.available >= bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      StrCat("no room for ", bytes, " bytes to make anew the damaged ", options.path));
}

// Puts the keys of a table that the store lacks. A table that cannot be read at all was never
// finished: its keys are in the log.
absl::Status RestoreTable(const KvStore::Options& options, const std::string& path, KvStore& store,
                          uint64_t& num_restored) {
  rocksdb::SstFileReader reader{rocksdb::Options()};
  const absl::StatusOr<std::string> name = OpenTable(path, reader);
  if (!name.ok()) return absl::IsDataLoss(name.status()) ? absl::OkStatus() : name.status();
  const auto family = std::find(options.families.begin(), options.families.end(), *name);
  if (family == options.families.end()) return absl::OkStatus();
  const auto index = static_cast<size_t>(family - options.families.begin());
  ASSIGN_OR_RETURN(const std::unique_ptr<KvIterator> known, store.NewIterator(index));
  const absl::Status visited =
      VisitTable(reader, path, [&](const rocksdb::Slice& k, const rocksdb::Slice& v) {
        const std::string_view key(k.data(), k.size());
        known->Seek(key);
        if (known->Valid() && known->key() == key) return absl::OkStatus();
        if (absl::IsDataLoss(known->status())) return absl::OkStatus();  // a damaged block has it
        RETURN_IF_ERROR(known->status());
        const KvStore::Write write{index, key, {v.data(), v.size()}};
        ++num_restored;
        return store.Put({&write, 1});
      });
  return absl::IsDataLoss(visited) ? absl::OkStatus() : visited;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindUnnamedTables(const KvStore::Options& options) {
  ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesIn(options.path, ""));
  const bool is_store = std::any_of(files.begin(), files.end(), [](const std::string& file) {
    const fs::path path(file);
    return path.extension() == kTable || path.extension() == kLog || path.filename() == "CURRENT" ||
           path.filename().string().starts_with(kManifestPrefix);
  });
  if (!is_store) return std::vector<std::string>();
  RETURN_IF_ERROR(CheckCurrent(options.path));

  const std::string mirror = MirrorPath(options);
  RETURN_IF_ERROR(Remove(mirror));
  RETURN_IF_ERROR(MakeDirectory(mirror));
  std::set<std::string> tables;
  for (const std::string& file : files) {
    const fs::path path(file);
    const bool is_table = path.extension() == kTable;
    if (path.extension() == kLog || path.filename() == "LOCK" || path.filename() == "LOG") continue;
    if (is_table) tables.insert(file);
    // Where the manifest names a table that is damaged at its end, it will be missed.
    if (is_table && absl::IsDataLoss(SstReader::Open(file, nullptr).status())) continue;
    RETURN_IF_ERROR(LinkOrCopy(file, StrCat(mirror, "/", path.filename().string())));
  }
  Database db;
  RETURN_IF_ERROR(db.Open(mirror, options, true));
  std::vector<rocksdb::LiveFileMetaData> named;
  db->GetLiveFilesMetaData(&named);
  RETURN_IF_ERROR(db.Close());
  RETURN_IF_ERROR(Remove(mirror));
  for (const rocksdb::LiveFileMetaData& table : named) {
    const std::string path = options.path + table.name;
    tables.erase(path);
    // A walk over all tables is lost where one that it has yet to reach begins with a bad block.
    ASSIGN_OR_RETURN(const std::unique_ptr<SstReader> reader, SstReader::Open(path, nullptr));
    RETURN_IF_ERROR(reader->VerifyChecksums());
  }
  return std::vector<std::string>(tables.begin(), tables.end());
}

absl::Status RebuildStore(const KvStore::Options& options, KvStore::OpenReport& report) {
  RETURN_IF_ERROR(Remove(MirrorPath(options)));
  const std::string unfinished = UnfinishedPath(options);
  RETURN_IF_ERROR(Remove(unfinished));
  RETURN_IF_ERROR(CheckRoom(options));
  RETURN_IF_ERROR(CopyAll(options, unfinished, report));
  RETURN_IF_ERROR(Rename(unfinished, RebuiltPath(options)));
  RETURN_IF_ERROR(SyncDirectory(Parent(options.path)));
  ASSIGN_OR_RETURN(const std::string aside, SetAside(options, options.path));
  report.set_aside.push_back(aside);
  report.was_rebuilt = true;
  log::Error("the journal was made anew of what could be read",
             {{"set_aside", aside}, {"damaged_files", StrCat(report.num_damaged_files)}});
  return FinishRebuild(options);
}

absl::Status FinishRebuild(const KvStore::Options& options) {
  const std::string rebuilt = RebuiltPath(options);
  if (!fs::exists(rebuilt)) return absl::OkStatus();
  if (fs::exists(options.path)) RETURN_IF_ERROR(SetAside(options, options.path).status());
  RETURN_IF_ERROR(Rename(rebuilt, options.path));
  return SyncDirectory(Parent(options.path));
}

absl::Status MoveOut(const std::vector<std::string>& tables, const KvStore::Options& options) {
  if (tables.empty()) return absl::OkStatus();
  const std::string directory = MovedOutPath(options);
  RETURN_IF_ERROR(MakeDirectory(directory));
  for (const std::string& table : tables) {
    RETURN_IF_ERROR(Rename(table, StrCat(directory, "/", fs::path(table).filename().string())));
  }
  return SyncDirectory(directory);
}

absl::Status RestoreMovedOut(const KvStore::Options& options, KvStore& store,
                             KvStore::OpenReport& report) {
  const std::string directory = MovedOutPath(options);
  ASSIGN_OR_RETURN(const std::vector<std::string> tables, FilesIn(directory, kTable));
  for (const std::string& table : tables) {
    uint64_t num_restored = 0;
    RETURN_IF_ERROR(RestoreTable(options, table, store, num_restored));
    if (num_restored == 0) {
      RETURN_IF_ERROR(Remove(table));
      continue;
    }
    RETURN_IF_ERROR(store.Sync());
    ASSIGN_OR_RETURN(const std::string aside, SetAside(options, table));
    report.set_aside.push_back(aside);
    report.num_restored += num_restored;
    ++report.num_damaged_files;  // the manifest, which should have named it
    log::Error("the journal lacked a table",
               {{"set_aside", aside}, {"keys", StrCat(num_restored)}});
  }
  return tables.empty() ? absl::OkStatus() : Remove(directory);
}

}  // namespace tidemark::tsdb
