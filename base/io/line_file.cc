#include "base/io/line_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "base/io/file.h"
#include "base/log.h"
#include "base/strings.h"

namespace tidemark {

LineFile::~LineFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status LineFile::Open(const std::string& path) {
  int fd = -1;
  if (!path.empty()) {
    fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) return ErrnoError("open", path);
  }
  const absl::MutexLock lock(&mu_);
  std::swap(fd_, fd);
  failing_ = false;
  if (fd >= 0) close(fd);
  return absl::OkStatus();
}

bool LineFile::is_open() const {
  const absl::MutexLock lock(&mu_);
  return fd_ >= 0;
}

void LineFile::Write(std::string line) {
  line.push_back('\n');
  const absl::MutexLock lock(&mu_);
  if (fd_ < 0) return;
  // One write: with O_APPEND lines do not mix even where another process has the file open.
  const bool written = write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (!written && !failing_) {
    log::Error(StrCat("The ", what_, " cannot be written"),
               {{"err", std::string(ErrnoError("write", what_).message())}});
  }
  failing_ = !written;
}

}  // namespace tidemark
