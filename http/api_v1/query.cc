#include "base/status_macros.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/params.h"

namespace tidemark::http {

ApiFunction QueryHandler(QueryContext context) {
  return [context = std::move(context)](const Request& request, ApiAnswer& answer) -> absl::Status {
    ASSIGN_OR_RETURN(const size_t limit, LimitOf(request));
    ASSIGN_OR_RETURN(const TimestampMs time, TimeOr(request, "time", context.clock.Now()));
    ASSIGN_OR_RETURN(const QueryRunner runner, QueryRunner::Create(context, request, limit));
    return runner.Run(
        promql::EvalTimes::At(time),
        [&](const promql::Query& query, const tsdb::Querier& querier,
            const Cancellation& cancellation, const promql::QueryOptions& options) {
          return context.engine.Instant(query, querier, time, cancellation, options);
        },
        answer);
  };
}

}  // namespace tidemark::http
