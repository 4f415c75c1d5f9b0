#include "http/api_v1/query_runner.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "absl/cleanup/cleanup.h"

#include "base/status_macros.h"
#include "base/strings.h"
#include "http/api_v1/json_value.h"
#include "http/api_v1/params.h"

namespace tidemark::http {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

double Seconds(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

// Keeps the first `limit` series; true where there were more.
bool Truncate(size_t limit, promql::Value& value) {
  const auto cut = [limit](auto& series) {
    if (series.size() <= limit) return false;
    series.resize(limit);
    return true;
  };
  if (limit == 0) return false;
  if (auto* vector = std::get_if<promql::InstantVector>(&value)) return cut(*vector);
  if (auto* matrix = std::get_if<promql::Matrix>(&value)) return cut(*matrix);
  return false;
}

// The engine says only that it stopped; this is how Prometheus puts it.
absl::Status AsQueryError(const absl::Status& error) {
  if (absl::IsCancelled(error)) {
    return absl::CancelledError("query was canceled in expression evaluation");
  }
  if (absl::IsDeadlineExceeded(error)) {
    return absl::DeadlineExceededError("query timed out in expression evaluation");
  }
  return error;
}

void WriteStats(SteadyTime queued, SteadyTime begun, SteadyTime ended, JsonWriter& json) {
  const double eval = Seconds(begun, ended);
  json.Key("stats").BeginObject().Key("timings").BeginObject();
  json.Key("evalTotalTime").Number(eval);
  json.Key("resultSortTime").Number(0);
  json.Key("queryPreparationTime").Number(0);
  json.Key("innerEvalTime").Number(eval);
  json.Key("execQueueTime").Number(Seconds(queued, begun));
  json.Key("execTotalTime").Number(Seconds(queued, ended));
  json.EndObject().EndObject();
}

}  // namespace

absl::StatusOr<QueryRunner> QueryRunner::Create(const QueryContext& context, const Request& request,
                                                size_t limit) {
  DurationMs timeout = context.timeout, lookback_delta = 0;
  if (const std::string_view text = request.Param("timeout"); !text.empty()) {
    const absl::StatusOr<DurationMs> asked = ParseApiDuration(text);
    if (!asked.ok()) return InvalidParameter("timeout", asked.status());
    timeout = std::min(timeout, *asked);
  }
  if (const std::string_view text = request.Param("lookback_delta"); !text.empty()) {
    const absl::StatusOr<DurationMs> asked = ParseApiDuration(text);
    if (!asked.ok()) {
      return absl::InvalidArgumentError(
          StrCat("error parsing lookback delta duration: ", asked.status().message()));
    }
    lookback_delta = std::max<DurationMs>(*asked, 0);
  }
  absl::StatusOr<promql::Query> query =
      promql::Query::Parse(request.Param("query"), context.parser);
  if (!query.ok()) return InvalidParameter("query", query.status());

  QueryRunner runner(context, request, *std::move(query));
  runner.limit_ = limit;
  runner.timeout_ = timeout;
  runner.lookback_delta_ = lookback_delta;
  return runner;
}

absl::Status QueryRunner::Run(const Evaluate& evaluate, ApiAnswer& answer) const {
  const Cancellation cancellation(context_.clock, SaturatingAdd(context_.clock.Now(), timeout_),
                                  request_.cancellation);
  const SteadyTime queued = std::chrono::steady_clock::now();
  RETURN_IF_ERROR(context_.gate->Enter(cancellation));
  const absl::Cleanup leave = [this] { context_.gate->Leave(); };
  const SteadyTime begun = std::chrono::steady_clock::now();
  absl::StatusOr<promql::QueryResult> result =
      evaluate(query_, *context_.store.NewQuerier(), cancellation, lookback_delta_);
  if (!result.ok()) return AsQueryError(result.status());
  const SteadyTime ended = std::chrono::steady_clock::now();

  answer.annotations = std::move(result->annotations);
  if (Truncate(limit_, result->value)) answer.WarnTruncated();
  answer.data.BeginObject();
  WriteQueryValue(result->value, answer.data);
  if (!request_.Param("stats").empty()) WriteStats(queued, begun, ended, answer.data);
  answer.data.EndObject();
  return absl::OkStatus();
}

}  // namespace tidemark::http
