#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"

namespace tidemark::scrape {

// Tells of changes in directories, by inotify on a thread of its own. Thread-safe.
class DirectoryWatcher {
 public:
  // `changed` is called when files of a watched directory have been written, renamed, linked or
  // removed, once for all that came at a time; it does not destroy the watcher.
  explicit DirectoryWatcher(std::function<void()> changed);
  ~DirectoryWatcher();
  DirectoryWatcher(const DirectoryWatcher&) = delete;
  DirectoryWatcher& operator=(const DirectoryWatcher&) = delete;

  // Watches a directory too; again is no error, and needed after it was replaced by another.
  absl::Status Watch(const std::string& directory);

 private:
  void Run();
  bool DrainEvents();

  const std::function<void()> changed_;
  int events_ = -1;     // inotify; negative where the system has none left
  int stop_ = -1;       // eventfd
  std::thread thread_;  // last: reads all of the above
};

}  // namespace tidemark::scrape
