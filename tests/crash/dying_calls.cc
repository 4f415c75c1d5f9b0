#include "tests/crash/dying_calls.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <limits>

// The calls of the C library through which our code, libstdc++ and RocksDB change files, each with
// a count in front. A program that defines them is asked before the C library.

namespace tidemark::crash {
namespace {

std::atomic<int> calls_left = std::numeric_limits<int>::max();

void CountCall() {
  if (calls_left.fetch_sub(1) == 0) kill(getpid(), SIGKILL);
}

template <typename... Args>
long CountedCall(long number, Args... args) {
  CountCall();
  return syscall(number, args...);
}

int CountedOpen(int directory, const char* path, int flags, mode_t mode) {
  if ((flags & O_CREAT) != 0) CountCall();
  return static_cast<int>(syscall(SYS_openat, directory, path, flags, mode));
}

}  // namespace

void DieAfterFileCalls(int calls) { calls_left = calls; }

}  // namespace tidemark::crash

using tidemark::crash::CountedCall;
using tidemark::crash::CountedOpen;

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return CountedOpen(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return CountedOpen(AT_FDCWD, path, flags, mode);
}
ssize_t write(int fd, const void* bytes, size_t size) {
  if (fd <= STDERR_FILENO) return syscall(SYS_write, fd, bytes, size);
  return CountedCall(SYS_write, fd, bytes, size);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return CountedCall(SYS_pwrite64, fd, bytes, size, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return CountedCall(SYS_pwrite64, fd, bytes, size, offset);
}
int ftruncate(int fd, off_t size) noexcept {
  return static_cast<int>(CountedCall(SYS_ftruncate, fd, size));
}
int fsync(int fd) { return static_cast<int>(CountedCall(SYS_fsync, fd)); }
int fdatasync(int fd) { return static_cast<int>(CountedCall(SYS_fdatasync, fd)); }
int mkdir(const char* path, mode_t mode) noexcept {
  return static_cast<int>(CountedCall(SYS_mkdir, path, mode));
}
int rename(const char* from, const char* to) noexcept {
  return static_cast<int>(CountedCall(SYS_rename, from, to));
}
int unlink(const char* path) noexcept { return static_cast<int>(CountedCall(SYS_unlink, path)); }
int unlinkat(int directory, const char* path, int flags) noexcept {
  return static_cast<int>(CountedCall(SYS_unlinkat, directory, path, flags));
}
int rmdir(const char* path) noexcept { return static_cast<int>(CountedCall(SYS_rmdir, path)); }

}  // extern "C"
