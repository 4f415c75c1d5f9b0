#pragma once

#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace tidemark {

// A file that lines are appended to, and that may be rotated meanwhile. Thread-safe.
class LineFile {
 public:
  // `what` names the file in the server's log: "query log".
  explicit LineFile(std::string what) : what_(std::move(what)) {}
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  // Appends to `path` from now on, made where it is absent, opened again where it is the same: it
  // may have been rotated. "" ends the appending. Where the file cannot be opened nothing changes.
  //   NotFound, PermissionDenied, Internal
  absl::Status Open(const std::string& path) ABSL_LOCKS_EXCLUDED(mu_);
  bool is_open() const ABSL_LOCKS_EXCLUDED(mu_);
  // Appends `line`, which is given without its end. A line that cannot be written is told in the
  // server's log, the first of several.
  void Write(std::string line) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const std::string what_;
  mutable absl::Mutex mu_;
  int fd_ ABSL_GUARDED_BY(mu_) = -1;
  bool failing_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tidemark
