#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

#include "base/io/line_file.h"
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
  // As LineFile::Open: appends to `path` from now on; "" ends the log.
  //   NotFound, PermissionDenied, Internal
  absl::Status Open(const std::string& path) { return file_.Open(path); }
  bool enabled() const { return file_.is_open(); }
  // Appends what a query that ended `now` was and took; `origin` writes a key and a value that say
  // who asked.
  void Log(TimestampMs now, const LoggedQuery& query, absl::FunctionRef<void(JsonWriter&)> origin);
  // Appends `line`, without its end.
  void Write(std::string line) { file_.Write(std::move(line)); }

 private:
  LineFile file_{"query log"};
};

}  // namespace tidemark::promql
