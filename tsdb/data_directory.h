#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/timestamp.h"

// The root of a data directory: who has it open, which version wrote it, where the last cut ended.
namespace tidemark::tsdb {

// Holds a directory for this process as long as it lives.
class DirectoryLock {
 public:
  //   FailedPrecondition  another process has it
  //   others              the lock file cannot be made or opened; the message names it
  static absl::StatusOr<std::unique_ptr<DirectoryLock>> Take(const std::string& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  const int fd_;
};

// What the last cut of the head took: a restart does not take it again from the journal
// (Head::ResumeAfterCut).
struct CutMarker {
  TimestampMs before = kMinTimestamp;
  uint64_t covers = 0;
};

// Whether this version can read the directory.
//   NotFound            it has no `format`
//   DataLoss            the file is damaged
//   FailedPrecondition  a newer version wrote it
absl::Status CheckFormat(const std::string& directory);
// Writes the format and the files of a store without a cut and without a batch. The format comes
// last: without it the directory is none of a store.
absl::Status MakeDirectoryFiles(const std::string& directory);

//   NotFound  there is none
//   DataLoss  it is damaged
// Either way a start finds samples in the head that blocks hold too, which readers do not see.
absl::StatusOr<CutMarker> ReadCutMarker(const std::string& directory);
absl::Status WriteCutMarker(const std::string& directory, const CutMarker& marker);

// The number of the last batch when the store was last closed: a journal that ends before it has
// lost its end, which it could not tell from a write that a kill cut short. Errors likewise.
absl::StatusOr<uint64_t> ReadJournalEnd(const std::string& directory);
absl::Status WriteJournalEnd(const std::string& directory, uint64_t number);

struct OpenedDirectory {
  CutMarker cut;
  uint64_t journal_end = 0;
  int num_damaged = 0;  // files that were damaged or missing
};
// Reads the files of a store's directory, which exists, or makes them where it is new. Damaged or
// missing ones are logged by name, kept in `damaged/` and written anew, on a full disk later.
//   FailedPrecondition  a newer version wrote the directory
absl::StatusOr<OpenedDirectory> OpenDirectory(const std::string& directory);

// Gives a damaged file another name in `damaged_directory`, where it stays when it is written anew.
void KeepDamagedFile(const std::string& path, const std::string& damaged_directory,
                     std::string_view name);

}  // namespace tidemark::tsdb
