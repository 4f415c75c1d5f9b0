#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"

#include "base/run/clock.h"
#include "http/active_queries.h"
#include "http/api_v1/api_handler.h"
#include "http/api_v1/query_gate.h"
#include "promql/engine.h"
#include "promql/query.h"
#include "promql/query_log.h"
#include "tsdb/querier.h"

namespace tidemark::http {

// What query handlers work on. What it refers to outlives them.
struct QueryContext {
  const tsdb::Queryable& store;
  promql::Engine& engine;
  Clock& clock;
  std::shared_ptr<QueryGate> gate;  // one for all
  promql::QueryLog& log;
  ActiveQueries& active;
  promql::ParserOptions parser;
  DurationMs timeout = 2 * kMinute;
};

// What `query` and `query_range` share: the parameters `query`, `timeout`, `lookback_delta`,
// `limit` and `stats`, the wait for a place to run, the answer's shape, the query log.
class QueryRunner {
 public:
  // Evaluates one query: Engine::Instant or Engine::Range.
  using Evaluate = std::function<absl::StatusOr<promql::QueryResult>(
      const promql::Query& query, const tsdb::Querier& querier, const Cancellation& cancellation,
      const promql::QueryOptions& options)>;

  // InvalidArgument for a bad parameter, in Prometheus's order of checks. `context` and `request`
  // outlive the runner.
  static absl::StatusOr<QueryRunner> Create(const QueryContext& context, const Request& request,
                                            size_t limit);

  const promql::Query& query() const { return query_; }
  // The query's errors, its timeout among them, or its result in `answer`. `times` is what the
  // query log says.
  absl::Status Run(const promql::EvalTimes& times, const Evaluate& evaluate,
                   ApiAnswer& answer) const;

 private:
  QueryRunner(const QueryContext& context, const Request& request, promql::Query query)
      : context_(context), request_(request), query_(std::move(query)) {}

  // When a query waited and ran; the monotonic clock's.
  struct Timings {
    std::chrono::steady_clock::time_point queued, begun, ended;
  };
  absl::StatusOr<promql::QueryResult> Evaluated(const promql::EvalTimes& times,
                                                const Evaluate& evaluate, Timings& timings) const;
  static promql::QueryTimings InSeconds(const Timings& timings);
  void Log(const promql::EvalTimes& times, const Timings& timings,
           const absl::StatusOr<promql::QueryResult>& result) const;

  const QueryContext& context_;
  const Request& request_;
  promql::Query query_;
  size_t limit_ = 0;
  DurationMs timeout_ = 0;
  promql::QueryOptions options_;
};

}  // namespace tidemark::http
