#pragma once

#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "base/json_writer.h"
#include "base/model/timestamp.h"
#include "promql/engine.h"

namespace tidemark::promql {

// How long a query waited for a place to run, and ran.
struct QueryTimings {
  double queued_seconds = 0, evaluated_seconds = 0;
};

// Writes the value of `stats` as Prometheus's API has it.
void WriteQueryStats(const QueryTimings& timings, const QueryStatistics& statistics,
                     JsonWriter& json);

struct LoggedQuery {
  std::string_view text;
  EvalTimes times;
  QueryTimings timings;
  QueryStatistics statistics;
  absl::Status status;
};

// The file that `query_log_file` names: one JSON object a line for each query of the API and of the
// rules.
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
  // Appends what a query that ended `now` was and took; `origin` writes a key and a value that say
  // who asked.
  void Log(TimestampMs now, const LoggedQuery& query, absl::FunctionRef<void(JsonWriter&)> origin)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Appends `line`, without its end. A line that cannot be written is told in the server's log, the
  // first of several.
  void Write(std::string line) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  int fd_ ABSL_GUARDED_BY(mu_) = -1;
  bool failing_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tidemark::promql
