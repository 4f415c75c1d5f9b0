#include "promql/engine.h"

#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/operator_builder.h"
#include "promql/exec/result.h"
#include "promql/plan/logical_plan.h"

namespace tidemark::promql {
namespace {

// The value of a string query, which is a literal in any number of parentheses.
StringValue TextOf(const PlanNode& root) { return {root.times.start, root.As<TextNode>()->value}; }

absl::StatusOr<Value> EvaluateInstant(const PlanNode& root, const OperatorBuilder& builder,
                                      QueryContext& query) {
  if (root.type == ValueType::kString) return TextOf(root);
  if (root.type == ValueType::kMatrix) {
    ASSIGN_OR_RETURN(const RangeSourcePtr range, builder.BuildRangeResult(root));
    return ReadRangeVector(query, *range);
  }
  ASSIGN_OR_RETURN(const OperatorPtr op, builder.Build(root));
  if (root.type == ValueType::kVector) return ReadInstantVector(query, *op);
  ASSIGN_OR_RETURN(const std::vector<double> values, ReadScalar(query, *op));
  return ScalarValue{root.times.start, values[0]};
}

absl::StatusOr<Value> EvaluateRange(const PlanNode& root, const OperatorBuilder& builder,
                                    QueryContext& query) {
  ASSIGN_OR_RETURN(const OperatorPtr op, builder.Build(root));
  return ReadMatrix(query, *op);
}

}  // namespace

class Engine::Impl {
 public:
  using Evaluate = absl::StatusOr<Value> (*)(const PlanNode&, const OperatorBuilder&,
                                             QueryContext&);

  Impl(const EngineOptions& options, ThreadPool& pool, MetricRegistry& metrics)
      : options_(options),
        pool_(pool),
        memory_(options.max_total_memory_bytes,
                StrCat("all queries together would hold more than ", options.max_total_memory_bytes,
                       " bytes in memory in query execution")),
        running_(metrics.AddGauge("prometheus_engine_queries",
                                  "Queries that run or wait for their turn.")) {}

  absl::StatusOr<QueryResult> Run(const Query& query, const tsdb::Querier& querier,
                                  const EvalTimes& times, const Cancellation& cancellation,
                                  const QueryOptions& options, Evaluate evaluate) {
    running_.Add(1);
    absl::StatusOr<QueryResult> result =
        RunCounted(query, querier, times, cancellation, options, evaluate);
    running_.Add(-1);
    return result;
  }

 private:
  absl::StatusOr<QueryResult> RunCounted(const Query& query, const tsdb::Querier& querier,
                                         const EvalTimes& times, const Cancellation& cancellation,
                                         const QueryOptions& options, Evaluate evaluate) {
    const DurationMs lookback_delta =
        options.lookback_delta != 0 ? options.lookback_delta : options_.lookback_delta;
    ASSIGN_OR_RETURN(const Plan plan, MakePlan(query.expr(), {times, lookback_delta,
                                                              options_.default_subquery_step}));
    QueryContext context({query.source(), lookback_delta, options_.max_samples,
                          options_.max_memory_bytes, options_.delayed_name_removal,
                          options.collect_statistics},
                         cancellation, pool_, &memory_);
    ASSIGN_OR_RETURN(const OperatorBuilder builder, OperatorBuilder::Open(plan, querier, context));
    QueryResult result;
    ASSIGN_OR_RETURN(result.value, evaluate(*plan.root, builder, context));
    result.annotations = context.annotations();
    if (options.collect_statistics) result.statistics = context.statistics();
    return result;
  }

  const EngineOptions options_;
  ThreadPool& pool_;
  MemoryBudget memory_;  // of all queries
  Gauge& running_;
};

Engine::Engine(const EngineOptions& options, ThreadPool& pool, MetricRegistry& metrics)
    : impl_(std::make_unique<Impl>(options, pool, metrics)) {}

Engine::~Engine() = default;

absl::StatusOr<QueryResult> Engine::Instant(const Query& query, const tsdb::Querier& querier,
                                            TimestampMs time, const Cancellation& cancellation,
                                            const QueryOptions& options) {
  return impl_->Run(query, querier, EvalTimes::At(time), cancellation, options, EvaluateInstant);
}

absl::StatusOr<QueryResult> Engine::Range(const Query& query, const tsdb::Querier& querier,
                                          const EvalTimes& times, const Cancellation& cancellation,
                                          const QueryOptions& options) {
  if (query.type() != ValueType::kScalar && query.type() != ValueType::kVector) {
    return absl::InvalidArgumentError(
        StrCat("invalid expression type \"", ValueTypeName(query.type()),
               "\" for range query, must be Scalar or instant Vector"));
  }
  return impl_->Run(query, querier, times, cancellation, options, EvaluateRange);
}

}  // namespace tidemark::promql
