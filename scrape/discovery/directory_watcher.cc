#include "scrape/discovery/directory_watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/io/file.h"

namespace tidemark::scrape {
namespace {

// IN_MODIFY is left out: a file that is being written is looked at when it is whole.
constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                             IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

}  // namespace

DirectoryWatcher::DirectoryWatcher(std::function<void()> changed)
    : changed_(std::move(changed)),
      events_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      stop_(eventfd(0, EFD_CLOEXEC)) {
  if (events_ >= 0 && stop_ >= 0) thread_ = std::thread([this] { Run(); });
}

DirectoryWatcher::~DirectoryWatcher() {
  if (thread_.joinable()) {
    eventfd_write(stop_, 1);
    thread_.join();
  }
  if (events_ >= 0) close(events_);
  if (stop_ >= 0) close(stop_);
}

absl::Status DirectoryWatcher::Watch(const std::string& directory) {
  if (!thread_.joinable()) return absl::ResourceExhaustedError("no inotify instance is left");
  if (inotify_add_watch(events_, directory.c_str(), kEvents) >= 0) return absl::OkStatus();
  return ErrnoError("watch", directory);
}

void DirectoryWatcher::Run() {
  std::array<pollfd, 2> files = {{{events_, POLLIN, 0}, {stop_, POLLIN, 0}}};
  while (true) {
    if (poll(files.data(), files.size(), -1) < 0 && errno != EINTR) return;
    if (files[1].revents != 0) return;
    if (DrainEvents()) changed_();
  }
}

// Reads all that has come; false where it was nothing.
bool DirectoryWatcher::DrainEvents() {
  alignas(inotify_event) std::array<char, 16 << 10> buffer;
  bool any = false;
  while (read(events_, buffer.data(), buffer.size()) > 0) any = true;
  return any;
}

}  // namespace tidemark::scrape
