#include "promql/query_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "absl/time/time.h"

#include "base/io/file.h"
#include "base/log.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

// "2026-11-21T15:51:04.592Z"
std::string TimeText(TimestampMs time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMillis(time), absl::UTCTimeZone());
}

}  // namespace

void WriteQueryStats(const QueryTimings& timings, const QueryStatistics& statistics,
                     JsonWriter& json) {
  json.BeginObject().Key("timings").BeginObject();
  json.Key("evalTotalTime").Number(timings.evaluated_seconds);
  json.Key("resultSortTime").Number(0);
  json.Key("queryPreparationTime").Number(0);
  json.Key("innerEvalTime").Number(timings.evaluated_seconds);
  json.Key("execQueueTime").Number(timings.queued_seconds);
  json.Key("execTotalTime").Number(timings.queued_seconds + timings.evaluated_seconds);
  json.EndObject().Key("samples").BeginObject();
  json.Key("totalQueryableSamples").Int(static_cast<int64_t>(statistics.queryable_samples));
  json.Key("peakSamples").Int(static_cast<int64_t>(statistics.peak_samples));
  json.EndObject().EndObject();
}

QueryLog::~QueryLog() {
  if (fd_ >= 0) close(fd_);
}

absl::Status QueryLog::Open(const std::string& path) {
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

bool QueryLog::enabled() const {
  const absl::MutexLock lock(&mu_);
  return fd_ >= 0;
}

void QueryLog::Log(TimestampMs now, const LoggedQuery& query,
                   absl::FunctionRef<void(JsonWriter&)> origin) {
  std::string line;
  JsonWriter json(&line);
  json.BeginObject().Key("time").String(TimeText(now));
  json.Key("level").String("INFO").Key("msg").String("promql query logged");
  json.Key("params").BeginObject().Key("end").String(TimeText(query.times.end));
  json.Key("query").String(query.text).Key("start").String(TimeText(query.times.start));
  json.Key("step").Int(query.times.step / kSecond).EndObject();
  if (!query.status.ok()) json.Key("error").String(ToStd(query.status.message()));
  json.Key("stats");
  WriteQueryStats(query.timings, query.statistics, json);
  origin(json);
  json.EndObject();
  Write(std::move(line));
}

void QueryLog::Write(std::string line) {
  line.push_back('\n');
  const absl::MutexLock lock(&mu_);
  if (fd_ < 0) return;
  // One write: with O_APPEND lines do not mix even where another process has the file open.
  const bool written = write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (!written && !failing_) {
    log::Error("The query log cannot be written",
               {{"err", std::string(ErrnoError("write", "query log").message())}});
  }
  failing_ = !written;
}

}  // namespace tidemark::promql
