#include "promql/query_log.h"

#include <utility>

#include "absl/time/time.h"

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

}  // namespace tidemark::promql
