#include "base/io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io/file.h"

namespace tidemark {

absl::StatusOr<std::unique_ptr<MappedFile>> MappedFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoError("open", path);
  struct stat info {};
  if (fstat(fd, &info) != 0 || S_ISDIR(info.st_mode)) {
    if (S_ISDIR(info.st_mode)) errno = EISDIR;
    const absl::Status status = ErrnoError("read", path);
    close(fd);
    return status;
  }
  const auto size = static_cast<size_t>(info.st_size);
  const char* begin = nullptr;
  if (size != 0) {  // nothing cannot be mapped
    void* const mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapped == MAP_FAILED) {
      const absl::Status status = ErrnoError("map", path);
      close(fd);
      return status;
    }
    begin = static_cast<const char*>(mapped);
  }
  close(fd);  // the mapping stays
  return std::unique_ptr<MappedFile>(new MappedFile(path, std::string_view(begin, size)));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace tidemark
