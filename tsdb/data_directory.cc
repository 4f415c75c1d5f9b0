#include "tsdb/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <sstream>

#include "base/io/file.h"
#include "base/io/hash.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/storage_format.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxNamesAside = 1000;

std::string PathOf(const std::string& directory, std::string_view file) {
  return StrCat(directory, "/", file);
}

// A later version says its number twice, so that damage to this one's line is not taken for it.
bool IsNewerFormat(const std::string& text) {
  constexpr std::string_view kWords = "tidemark storage ";
  if (!text.starts_with(kWords)) return false;
  std::istringstream in(text.substr(kWords.size()));
  uint64_t number = 0, again = 0;
  return in >> number >> again && number == again && number > 1;
}

// A line of text: numbers, parted by blanks, and the hash of that.
template <typename... Numbers>
std::string Line(const Numbers&... numbers) {
  std::string line;
  (StrAppend(&line, line.empty() ? "" : " ", numbers), ...);
  return StrCat(line, " ", StableHash64(line), "\n");
}
template <typename... Numbers>
absl::Status WriteLine(const std::string& path, const Numbers&... numbers) {
  return WriteFileAtomically(path, Line(numbers...));
}
template <typename... Numbers>
absl::Status ReadLine(const std::string& path, Numbers&... numbers) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  std::istringstream in(text);
  if ((in >> ... >> numbers) && text == Line(numbers...)) return absl::OkStatus();
  return absl::DataLossError(StrCat("not the line that it should be: ", path));
}

bool HoldsStore(const std::string& directory) {
  for (const std::string_view part : {kHeadDirectory, kCheckpointDirectory, kBlocksDirectory}) {
    std::error_code error;
    if (fs::exists(PathOf(directory, part), error)) return true;
  }
  return false;
}

// Logs what is wrong with a file of the directory and keeps it as it is.
void Report(const std::string& directory, std::string_view file, const absl::Status& damage) {
  const std::string path = PathOf(directory, file);
  log::Error("a file of the data directory is damaged",
             {{"file", path}, {"err", damage.ToString()}});
  if (!absl::IsNotFound(damage)) KeepDamagedFile(path, PathOf(directory, kDamagedDirectory), file);
}

// On a full disk the next start tries again.
void LogFailure(const absl::Status& written) {
  if (!written.ok()) log::Error("damaged file not written anew", {{"err", written.ToString()}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<DirectoryLock>> DirectoryLock::Take(const std::string& directory) {
  const std::string path = PathOf(directory, kLockFile);
  const int fd = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoError("cannot open", path);
  auto lock = std::unique_ptr<DirectoryLock>(new DirectoryLock(fd));
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return ErrnoError("cannot lock", path);
  return absl::FailedPreconditionError(StrCat("another process has the store open: ", path));
}

DirectoryLock::~DirectoryLock() { close(fd_); }

absl::Status CheckFormat(const std::string& directory) {
  const std::string path = PathOf(directory, kFormatFile);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  if (text == kFormatLine) return absl::OkStatus();
  if (!IsNewerFormat(text)) return absl::DataLossError(StrCat("not the line of a format: ", path));
  return absl::FailedPreconditionError(
      StrCat("the store has a format that this version does not know: ", path));
}

absl::Status MakeDirectoryFiles(const std::string& directory) {
  RETURN_IF_ERROR(WriteCutMarker(directory, CutMarker()));
  RETURN_IF_ERROR(WriteJournalEnd(directory, 0));
  return WriteFileAtomically(PathOf(directory, kFormatFile), kFormatLine);
}

absl::StatusOr<CutMarker> ReadCutMarker(const std::string& directory) {
  CutMarker marker;
  RETURN_IF_ERROR(ReadLine(PathOf(directory, kCutFile), marker.before, marker.covers));
  return marker;
}

absl::Status WriteCutMarker(const std::string& directory, const CutMarker& marker) {
  return WriteLine(PathOf(directory, kCutFile), marker.before, marker.covers);
}

absl::StatusOr<uint64_t> ReadJournalEnd(const std::string& directory) {
  uint64_t number = 0;
  RETURN_IF_ERROR(ReadLine(PathOf(directory, kJournalEndFile), number));
  return number;
}

absl::Status WriteJournalEnd(const std::string& directory, uint64_t number) {
  return WriteLine(PathOf(directory, kJournalEndFile), number);
}

absl::StatusOr<OpenedDirectory> OpenDirectory(const std::string& directory) {
  OpenedDirectory opened;
  const absl::Status format = CheckFormat(directory);
  if (absl::IsNotFound(format) && !HoldsStore(directory)) {
    RETURN_IF_ERROR(MakeDirectoryFiles(directory));
    return opened;
  }
  if (!format.ok() && !absl::IsNotFound(format) && !absl::IsDataLoss(format)) return format;
  if (!format.ok()) {
    Report(directory, kFormatFile, format);
    ++opened.num_damaged;
    LogFailure(WriteFileAtomically(PathOf(directory, kFormatFile), kFormatLine));
  }
  const absl::StatusOr<CutMarker> cut = ReadCutMarker(directory);
  if (cut.ok()) {
    opened.cut = *cut;
  } else {
    Report(directory, kCutFile, cut.status());
    ++opened.num_damaged;
    LogFailure(WriteCutMarker(directory, CutMarker()));
  }
  const absl::StatusOr<uint64_t> journal_end = ReadJournalEnd(directory);
  if (journal_end.ok()) {
    opened.journal_end = *journal_end;
  } else {
    Report(directory, kJournalEndFile, journal_end.status());
    ++opened.num_damaged;
    LogFailure(WriteJournalEnd(directory, 0));
  }
  return opened;
}

void KeepDamagedFile(const std::string& path, const std::string& damaged_directory,
                     std::string_view name) {
  std::error_code error;
  fs::create_directories(damaged_directory, error);
  for (int i = 0; i < kMaxNamesAside; ++i) {
    const std::string aside = StrCat(damaged_directory, "/", name, i == 0 ? "" : StrCat(".", i));
    fs::create_hard_link(path, aside, error);
    if (!error || fs::equivalent(path, aside, error)) return;
    if (!fs::exists(aside, error)) break;
  }
  log::Error("a damaged file cannot be set aside",
             {{"file", path}, {"directory", damaged_directory}, {"err", error.message()}});
}

}  // namespace tidemark::tsdb
