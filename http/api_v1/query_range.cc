#include "base/status_macros.h"
#include "base/strings.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/params.h"

namespace tidemark::http {
namespace {

// Enough for 60 s steps over a week or hourly ones over a year.
constexpr int64_t kMaxPoints = 11'000;

absl::StatusOr<promql::EvalTimes> EvalTimesOf(const Request& request) {
  promql::EvalTimes times;
  ASSIGN_OR_RETURN(times.start, RequiredTime(request, "start"));
  ASSIGN_OR_RETURN(times.end, RequiredTime(request, "end"));
  if (times.end < times.start) {
    return InvalidParameter("end", "end timestamp must not be before start time");
  }
  const absl::StatusOr<DurationMs> step = ParseApiDuration(request.Param("step"));
  if (!step.ok()) return InvalidParameter("step", step.status());
  if (*step <= 0) {
    return InvalidParameter("step",
                            "zero or negative query resolution step widths are not accepted. Try "
                            "a positive integer");
  }
  times.step = *step;
  if (SaturatingSubtract(times.end, times.start) / times.step > kMaxPoints) {
    return absl::InvalidArgumentError(
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query "
        "resolution (?step=XX)");
  }
  return times;
}

absl::Status CheckType(const promql::Query& query) {
  const promql::ValueType type = query.type();
  if (type == promql::ValueType::kScalar || type == promql::ValueType::kVector) {
    return absl::OkStatus();
  }
  return InvalidParameter("query", StrCat("invalid expression type \"", promql::ValueTypeName(type),
                                          "\" for range query, must be Scalar or instant Vector"));
}

}  // namespace

ApiFunction QueryRangeHandler(QueryContext context) {
  return [context = std::move(context)](const Request& request, ApiAnswer& answer) -> absl::Status {
    ASSIGN_OR_RETURN(const size_t limit, LimitOf(request));
    ASSIGN_OR_RETURN(const promql::EvalTimes times, EvalTimesOf(request));
    ASSIGN_OR_RETURN(const QueryRunner runner, QueryRunner::Create(context, request, limit));
    RETURN_IF_ERROR(CheckType(runner.query()));
    return runner.Run(
        times,
        [&](const promql::Query& query, const tsdb::Querier& querier,
            const Cancellation& cancellation, const promql::QueryOptions& options) {
          return context.engine.Range(query, querier, times, cancellation, options);
        },
        answer);
  };
}

}  // namespace tidemark::http
