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

using SteadyClock = std::chrono::steady_clock;

double Seconds(SteadyClock::time_point from, SteadyClock::time_point to) {
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
  runner.options_ = {lookback_delta, !request.Param("stats").empty() || context.log.enabled()};
  return runner;
}

absl::Status QueryRunner::Run(const promql::EvalTimes& times, const Evaluate& evaluate,
                              ApiAnswer& answer) const {
  Timings timings;
  absl::StatusOr<promql::QueryResult> result = Evaluated(times, evaluate, timings);
  if (context_.log.enabled()) Log(times, timings, result);
  if (!result.ok()) return result.status();

  answer.annotations = std::move(result->annotations);
  if (Truncate(limit_, result->value)) answer.WarnTruncated();
  answer.data.BeginObject();
  WriteQueryValue(result->value, answer.data);
  if (!request_.Param("stats").empty()) {
    answer.data.Key("stats");
    promql::WriteQueryStats(InSeconds(timings), result->statistics, answer.data);
  }
  answer.data.EndObject();
  return absl::OkStatus();
}

absl::StatusOr<promql::QueryResult> QueryRunner::Evaluated(const promql::EvalTimes& times,
                                                           const Evaluate& evaluate,
                                                           Timings& timings) const {
  const Cancellation cancellation(context_.clock, SaturatingAdd(context_.clock.Now(), timeout_),
                                  request_.cancellation);
  const bool is_light = times.num_steps() == 1 && query_.LooksLight();
  const auto weight = is_light ? QueryGate::Weight::kLight : QueryGate::Weight::kHeavy;
  timings.queued = SteadyClock::now();
  const absl::Status entered = context_.gate->Enter(weight, cancellation);
  timings.begun = timings.ended = SteadyClock::now();
  RETURN_IF_ERROR(entered);
  const absl::Cleanup leave = [this, weight] { context_.gate->Leave(weight); };
  const ActiveQueries::Entry active(context_.active, query_.source(), context_.clock.Now());
  absl::StatusOr<promql::QueryResult> result =
      evaluate(query_, *context_.store.NewQuerier(), cancellation, options_);
  timings.ended = SteadyClock::now();
  if (!result.ok()) return AsQueryError(result.status());
  return result;
}

promql::QueryTimings QueryRunner::InSeconds(const Timings& timings) {
  return {Seconds(timings.queued, timings.begun), Seconds(timings.begun, timings.ended)};
}

void QueryRunner::Log(const promql::EvalTimes& times, const Timings& timings,
                      const absl::StatusOr<promql::QueryResult>& result) const {
  promql::LoggedQuery logged{query_.source(), times, InSeconds(timings), {}, result.status()};
  if (result.ok()) logged.statistics = result->statistics;
  context_.log.Log(context_.clock.Now(), logged, [this](JsonWriter& json) {
    json.Key("httpRequest").BeginObject().Key("clientIP").String(request_.client_address);
    json.Key("method").String(request_.method).Key("path").String(request_.path).EndObject();
  });
}

}  // namespace tidemark::http
