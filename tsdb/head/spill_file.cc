#include "tsdb/head/spill_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/io/file.h"
#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

// What stays free on the disk, for the journal and for blocks.
constexpr uint64_t kReserveBytes = 256 << 20;
// Where the file system makes no file without a name, it has this one for a moment.
constexpr char kName[] = "/spilled.tmp";

absl::Status Unavailable(std::string_view what, const std::string& path) {
  return absl::UnavailableError(ErrnoError(what, path).message());
}

}  // namespace

absl::StatusOr<std::unique_ptr<SpillFile>> SpillFile::Create(const std::string& directory,
                                                             size_t piece_bytes) {
  int fd = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    const std::string path = directory + kName;
    fd = open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) return Unavailable("cannot create", path);
    unlink(path.c_str());
  }
  return std::unique_ptr<SpillFile>(new SpillFile(directory, fd, piece_bytes));
}

SpillFile::~SpillFile() { close(fd_); }

absl::StatusOr<uint64_t> SpillFile::Write(const char* piece) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(path_, error);
  if (error || space.available < kReserveBytes) {
    return absl::ResourceExhaustedError(
        StrCat("no room for ", piece_bytes_, " bytes and ", kReserveBytes, " more in ", path_));
  }
  const uint64_t number = free_.empty() ? num_pieces_ : free_.back();
  for (size_t done = 0; done < piece_bytes_;) {
    const ssize_t written = pwrite(fd_, piece + done, piece_bytes_ - done,
                                   static_cast<off_t>(number * piece_bytes_ + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Unavailable("cannot write a file in", path_);
    done += static_cast<size_t>(written);
  }
  if (free_.empty()) {
    ++num_pieces_;
  } else {
    free_.pop_back();
  }
  return number;
}

absl::Status SpillFile::Map(uint64_t number, char* piece) {
  void* const mapped = mmap(nullptr, piece_bytes_, PROT_READ, MAP_SHARED, fd_,
                            static_cast<off_t>(number * piece_bytes_));
  if (mapped == MAP_FAILED) return Unavailable("cannot map a file in", path_);
  if (mremap(mapped, piece_bytes_, piece_bytes_, MREMAP_MAYMOVE | MREMAP_FIXED, piece) == piece) {
    return absl::OkStatus();
  }
  const absl::Status failure = Unavailable("cannot map a file in", path_);
  munmap(mapped, piece_bytes_);
  return failure;
}

void SpillFile::Free(uint64_t number) {
  // Where the file system cannot do that, the next piece takes the space.
  fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
            static_cast<off_t>(number * piece_bytes_), static_cast<off_t>(piece_bytes_));
  free_.push_back(number);
}

}  // namespace tidemark::tsdb
