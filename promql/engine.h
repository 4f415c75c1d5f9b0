#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"

#include "base/metrics.h"
#include "base/run/cancellation.h"
#include "base/run/thread_pool.h"
#include "promql/annotations.h"
#include "promql/query.h"
#include "promql/value.h"
#include "tsdb/querier.h"

namespace tidemark::promql {

struct EngineOptions {
  DurationMs lookback_delta = 5 * kMinute;
  DurationMs default_subquery_step = kMinute;       // the global evaluation_interval
  size_t max_samples = 50'000'000;                  // that one query may hold at a time
  size_t max_memory_bytes = size_t{1} << 30;        // that one query may hold at a time
  size_t max_total_memory_bytes = size_t{4} << 30;  // that all queries together may hold
  bool delayed_name_removal = false;                // the feature promql-delayed-name-removal
};

// When a query is evaluated. An instant query has start == end.
struct EvalTimes {
  TimestampMs start = 0, end = 0;
  DurationMs step = 0;  // > 0 where start < end

  static EvalTimes At(TimestampMs t) { return {t, t, 0}; }
  size_t num_steps() const {
    return start == end ? 1 : static_cast<size_t>((end - start) / step) + 1;
  }
  TimestampMs step_time(size_t i) const { return start + static_cast<TimestampMs>(i) * step; }
};

// What one query wants for itself.
struct QueryOptions {
  DurationMs lookback_delta = 0;    // 0 is that of the engine
  bool collect_statistics = false;  // costs one more pass over the windows of range functions
};

// What a query took; zeros where nobody asked.
struct QueryStatistics {
  uint64_t queryable_samples =
      0;                      // that selectors saw, each as often as there were steps to see it
  uint64_t peak_samples = 0;  // held in memory at a time
};

struct QueryResult {
  Value value;
  Annotations annotations;
  QueryStatistics statistics;
};

// Evaluates queries over a store. Thread-safe; a query runs on the caller's thread and on `pool`.
// Errors of both calls:
//   FailedPrecondition           the query cannot be evaluated over these series (Prometheus's
//                                "execution" errors)
//   ResourceExhausted            more samples than a query, or more memory than a query or all of
//                                them together may hold
//   DeadlineExceeded, Cancelled  as `cancellation` says
// and what the querier gives.
class Engine {
 public:
  // `pool` and `metrics` outlive the engine.
  Engine(const EngineOptions& options, ThreadPool& pool, MetricRegistry& metrics);
  ~Engine();

  // Any type of query; a range vector selector gives its samples.
  absl::StatusOr<QueryResult> Instant(const Query& query, const tsdb::Querier& querier,
                                      TimestampMs time, const Cancellation& cancellation,
                                      const QueryOptions& options = {});
  // Scalar and instant vector queries; the result is a Matrix, a scalar query's one series has no
  // labels. InvalidArgument for other types of query.
  absl::StatusOr<QueryResult> Range(const Query& query, const tsdb::Querier& querier,
                                    const EvalTimes& times, const Cancellation& cancellation,
                                    const QueryOptions& options = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::promql
