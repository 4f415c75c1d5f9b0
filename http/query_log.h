#pragma once

#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace tidemark::http {

// The file that `query_log_file` names: one JSON object a line for each query of the API.
// Thread-safe.
class QueryLog {
 public:
  QueryLog() = default;
  ~QueryLog();
  QueryLog(const QueryLog&) = delete;
  QueryLog& operator=(const QueryLog&) = delete;

  // Appends to `path` from now on, made where it is absent, opened again where it is the same: it
  // may have been rotated. "" ends the log. Where the file cannot be opened nothing changes.
  //   NotFound, PermissionDenied, Internal
  absl::Status Open(const std::string& path) ABSL_LOCKS_EXCLUDED(mu_);
  bool enabled() const ABSL_LOCKS_EXCLUDED(mu_);
  // Appends `line`, without its end. A line that cannot be written is told in the server's log, the
  // first of several.
  void Write(std::string line) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  int fd_ ABSL_GUARDED_BY(mu_) = -1;
  bool failing_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tidemark::http
