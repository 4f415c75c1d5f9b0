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
  return WriteFileAtomically(PathOf(directory, kFormatFile), kFormatLine);
}

// A line of text: both numbers and their hash.
absl::StatusOr<CutMarker> ReadCutMarker(const std::string& directory) {
  const std::string path = PathOf(directory, kCutFile);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  CutMarker marker;
  uint64_t hash = 0;
  std::istringstream in(text);
  in >> marker.before >> marker.covers >> hash;
  const std::string line = StrCat(marker.before, " ", marker.covers);
  if (in && hash == StableHash64(line)) return marker;
  return absl::DataLossError(StrCat("not the line of a cut: ", path));
}

absl::Status WriteCutMarker(const std::string& directory, const CutMarker& marker) {
  const std::string line = StrCat(marker.before, " ", marker.covers);
  return WriteFileAtomically(PathOf(directory, kCutFile),
                             StrCat(line, " ", StableHash64(line), "\n"));
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
  const absl::StatusOr<CutMarker> marker = ReadCutMarker(directory);
  if (marker.ok()) {
    opened.cut = *marker;
    return opened;
  }
  Report(directory, kCutFile, marker.status());
  ++opened.num_damaged;
  LogFailure(WriteCutMarker(directory, CutMarker()));
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
