#include "promql/test_script.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/engine.h"
#include "promql/promqltest/compare.h"
#include "promql/promqltest/custom_buckets.h"
#include "promql/promqltest/fixed_time.h"
#include "promql/promqltest/script.h"
#include "promql/promqltest/start_overlay.h"
#include "promql/series_loader.h"

namespace tidemark::promql {
namespace {

constexpr ParserOptions kAllFeatures = {
    .experimental_functions = true, .extended_range_selectors = true, .binop_fill_modifiers = true};

// Whether a query means something else as part of another range of time.
bool DependsOnQueryRange(std::string_view query) {
  for (const char* word : {"start()", "end()", "step()", "range()"}) {
    if (query.find(word) != std::string_view::npos) return true;
  }
  return false;
}

class Runner {
 public:
  explicit Runner(const ScriptOptions& options)
      : options_(options),
        pool_(2),
        engine_({.delayed_name_removal = options.delayed_name_removal}, pool_, metrics_) {}

  absl::Status Run(const LoadCommand& load, size_t) {
    starts_.Add(load);
    RETURN_IF_ERROR(Append(load.series, load.interval));
    if (!load.with_custom_buckets) return absl::OkStatus();
    ASSIGN_OR_RETURN(std::vector<SeriesLine> converted, CustomBucketsOf(load.series));
    return Append(std::move(converted), load.interval);
  }

  absl::Status Run(const ClearCommand&, size_t) { return Clear(); }

  // Begins with an empty store.
  absl::Status Clear() {
    starts_.Clear();
    ASSIGN_OR_RETURN(store_, options_.new_store());
    return absl::OkStatus();
  }

  absl::Status Run(const EvalCommand& eval, size_t line) {
    ScriptCase result = {line, eval.query, ScriptOutcome::kPassed, ""};
    const absl::StatusOr<Query> query = Query::Parse(eval.query, kAllFeatures);
    absl::Status status;
    if (!query.ok()) {
      status = eval.fail.empty() ? query.status() : CompareError(eval, query.status());
    } else {
      status = Evaluate(*query, eval);
    }
    if (!status.ok()) {
      result.outcome = ScriptOutcome::kFailed;
      result.reason = ToStd(status.message());
    }
    report_.cases.push_back(std::move(result));
    return absl::OkStatus();
  }

  ScriptReport TakeReport() { return std::move(report_); }

 private:
  absl::Status Append(std::vector<SeriesLine> series, DurationMs interval) {
    return SeriesLoader(std::move(series), 0, interval)
        .LoadThrough(kMaxTimestamp, *store_.appendable);
  }

  absl::Status Evaluate(const Query& query, const EvalCommand& eval) {
    if (eval.range) return Check(query, eval, eval.times);
    RETURN_IF_ERROR(CheckInstant(query, eval, eval.times.start));
    return CheckWithFixedTime(eval);
  }

  absl::StatusOr<QueryResult> Ask(const Query& query, bool range, const EvalTimes& times) {
    const auto querier = starts_.Over(store_.queryable->NewQuerier());
    return range ? engine_.Range(query, *querier, times, {})
                 : engine_.Instant(query, *querier, times.start, {});
  }

  absl::Status Check(const Query& query, const EvalCommand& eval, const EvalTimes& times) {
    const absl::StatusOr<QueryResult> got = Ask(query, eval.range, times);
    if (!eval.fail.empty()) {
      return got.ok() ? absl::FailedPreconditionError("did not fail")
                      : CompareError(eval, got.status());
    }
    RETURN_IF_ERROR(got.status());
    RETURN_IF_ERROR(CompareTexts("warning", eval.warn, eval.no_warn, got->annotations.warnings()));
    RETURN_IF_ERROR(CompareTexts("info", eval.info, eval.no_info, got->annotations.infos()));
    return CompareValue(got->value, eval);
  }

  // At `time`, and once more as the middle one of three steps.
  absl::Status CheckInstant(const Query& query, const EvalCommand& eval, TimestampMs time) {
    RETURN_IF_ERROR(Check(query, eval, EvalTimes::At(time)));
    const bool has_steps = query.type() == ValueType::kVector || query.type() == ValueType::kScalar;
    if (!has_steps || !eval.fail.empty() || DependsOnQueryRange(query.source())) {
      return absl::OkStatus();
    }
    const absl::StatusOr<QueryResult> got =
        Ask(query, /*range=*/true, {time - kMinute, time + kMinute, kMinute});
    absl::Status status = got.status();
    // A range query gives its series in another order.
    if (got.ok() && !eval.ordered) status = CompareStep(std::get<Matrix>(got->value), eval, time);
    return Annotated(status, "as a range query");
  }

  // The same with all selectors held at the case's time, from other times.
  absl::Status CheckWithFixedTime(const EvalCommand& eval) {
    const TimestampMs time = eval.times.start;
    const std::optional<std::string> fixed = WithFixedTime(eval.query, kAllFeatures, time);
    if (!fixed) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Query query, Query::Parse(*fixed, kAllFeatures));
    std::vector<TimestampMs> others = {-10 * time, 0, time / 5, time, 10 * time};
    if (time == 0) others = {-1000, 0, 1000};
    for (const TimestampMs other : others) {
      RETURN_IF_ERROR(
          Annotated(CheckInstant(query, eval, other), StrCat(*fixed, " at ", other, " ms")));
    }
    return absl::OkStatus();
  }

  static absl::Status Annotated(const absl::Status& status, std::string_view how) {
    if (status.ok()) return status;
    return absl::Status(status.code(), StrCat(how, ": ", ToStd(status.message())));
  }

  const ScriptOptions& options_;
  ThreadPool pool_;
  MetricRegistry metrics_;
  Engine engine_;
  TestStore store_;
  StartOverlay starts_;
  ScriptReport report_;
};

}  // namespace

size_t ScriptReport::Count(ScriptOutcome outcome) const {
  return static_cast<size_t>(std::count_if(
      cases.begin(), cases.end(), [&](const ScriptCase& c) { return c.outcome == outcome; }));
}

absl::StatusOr<ScriptReport> RunTestScript(std::string_view text, const ScriptOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<ScriptCommand> commands, ParseTestScript(text));
  Runner runner(options);
  RETURN_IF_ERROR(runner.Clear());
  for (const ScriptCommand& command : commands) {
    const absl::Status status =
        std::visit([&](const auto& c) { return runner.Run(c, command.line); }, command.command);
    if (!status.ok()) {
      return absl::Status(status.code(), StrCat("line ", command.line, ": ", status.message()));
    }
  }
  return runner.TakeReport();
}

}  // namespace tidemark::promql
