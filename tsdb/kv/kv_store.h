#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::tsdb {

// An ordered walk over one family. A failed status ends it. One thread.
class KvIterator {
 public:
  virtual ~KvIterator() = default;
  virtual void Seek(std::string_view key) = 0;         // to the first key at or after `key`
  virtual void SeekForPrev(std::string_view key) = 0;  // to the last key at or before `key`
  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;
  virtual void Next() = 0;
  virtual bool Valid() const = 0;
  virtual std::string_view key() const = 0;    // valid until the iterator moves
  virtual std::string_view value() const = 0;  // likewise
  virtual absl::Status status() const = 0;     // DataLoss where stored bytes are damaged
};

// A directory of ordered byte maps ("families") with a write-ahead log in front: RocksDB behind a
// narrow interface, with the settings that suit a journal: keys are put in ascending order and
// dropped from the front, so nothing is ever compacted. Thread-safe. Errors of all calls:
//   ResourceExhausted  the disk is full
//   DataLoss           stored bytes are damaged
//   Aborted            a write failed before, or the store is open for reading only: Recover is due
//   Unavailable        any other failure to read or write, or the store is closed
class KvStore {
 public:
  struct Options {
    std::string path;                   // a directory, made where it is absent
    std::vector<std::string> families;  // addressed by their position here
    // Where damaged files go, made when the first does; empty for `damaged` beside `path`.
    std::string set_aside = {};
  };
  // What Open found damaged. Records of the log are not among it: who reads the keys sees the gaps.
  struct OpenReport {
    bool was_rebuilt = false;            // of what could be read
    uint64_t num_damaged_files = 0;      // none or only a part of which could be read
    uint64_t num_restored = 0;           // keys of tables that were read one by one
    std::vector<std::string> set_aside;  // where the files are that Open replaced
  };
  struct Write {
    size_t family;
    std::string_view key, value;
  };

  // On a full disk a store that exists is opened for reading: is_read_only(). Where files are
  // damaged or missing, what can be read of the others goes into a new store in its place, and the
  // old files go to Options::set_aside: nothing is deleted. Cost: reads the tables; where there
  // is damage, writes them anew.
  //   FailedPrecondition  somebody has it open
  static absl::StatusOr<std::unique_ptr<KvStore>> Open(const Options& options);
  // For looking at a store without changing it: what is damaged stays where it is.
  //   NotFound  there is none
  //   DataLoss  it cannot be opened as it is
  static absl::StatusOr<std::unique_ptr<KvStore>> OpenForReading(const Options& options);
  virtual ~KvStore() = default;  // closes
  const OpenReport& open_report() const { return open_report_; }

  // Writes all of `writes` or none. Once this returns Ok they survive a kill of the process;
  // Sync makes them survive a power cut. After an error every further one is Aborted until Recover.
  virtual absl::Status Put(std::span<const Write> writes) = 0;
  // Removes the keys in [begin, end) of a family.
  virtual absl::Status DeleteRange(size_t family, std::string_view begin, std::string_view end) = 0;
  // Removes the keys before `key` for good. Their disk space comes back within moments, except
  // that of keys in a file with keys that stay, and in a file that is just being written: that one
  // goes with the next call. A crash or an error leaves some or all of the keys. Cost: puts wait
  // some milliseconds; what is in memory of the other keys is written to a file in the background,
  // nothing is read.
  virtual absl::Status DropBefore(size_t family, std::string_view key) = 0;
  // Everything that was put before the call is on the disk when it returns. A failed Put changes
  // nothing about that; a failed Sync does, and all later ones fail: Unavailable.
  virtual absl::Status Sync() = 0;
  // After a failed write: opens the files anew. What failed may turn out to have been written. Ok
  // where the store can be written again; where it cannot, what was put can still be read. Cheap as
  // long as the disk is full. No iterator is alive.
  virtual absl::Status Recover() = 0;
  // Whether the disk was full when it was opened, and Recover has not succeeded since.
  virtual bool is_read_only() const = 0;

  // A walk over the family as it is at the call. The store outlives it.
  virtual absl::StatusOr<std::unique_ptr<KvIterator>> NewIterator(size_t family) const = 0;
  // Bytes of the store's files.
  virtual uint64_t DiskBytes() const = 0;
  // Idempotent; later calls of all else fail.
  virtual absl::Status Close() = 0;

 private:
  OpenReport open_report_;
};

}  // namespace tidemark::tsdb
