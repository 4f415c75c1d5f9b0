#include "promql/test_script.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/labels/search_regex.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/engine.h"
#include "promql/promqltest/script.h"
#include "promql/promqltest/unsupported_series.h"
#include "promql/series_loader.h"

namespace tidemark::promql {
namespace {

// As close as Prometheus wants test values to be; NaN equals NaN.
bool AlmostEqual(double a, double b) {
  constexpr double kTolerance = 1e-6;
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  if (!std::isfinite(a) || !std::isfinite(b)) return false;
  return std::abs(a - b) <= kTolerance * (std::abs(a) + std::abs(b));
}

std::string Text(const LabelSet& labels, double value) {
  return StrCat(labels.ToString(), " ", FormatFloat(value));
}

absl::Status Wrong(std::string_view what) { return absl::FailedPreconditionError(ToAbsl(what)); }

// --- what the engine gave against what the script wants; an error says the difference

absl::Status CompareVector(const InstantVector& got, const EvalCommand& want) {
  if (got.size() != want.series.size()) {
    std::string all;
    for (const auto& sample : got) StrAppend(&all, "\n    ", Text(sample.labels, sample.value));
    return Wrong(StrCat(got.size(), " samples instead of ", want.series.size(), all));
  }
  for (size_t i = 0; i < want.series.size(); ++i) {
    const SeriesLine& wanted = want.series[i];
    const auto found = std::find_if(got.begin(), got.end(),
                                    [&](const auto& s) { return s.labels == wanted.labels; });
    if (found == got.end()) return Wrong(StrCat("no sample ", wanted.labels.ToString()));
    if (want.ordered && found != got.begin() + static_cast<ptrdiff_t>(i)) {
      return Wrong(StrCat(wanted.labels.ToString(), " is at position ", found - got.begin()));
    }
    const double value = wanted.points.empty() ? NAN : wanted.points[0].value_or(NAN);
    if (!AlmostEqual(found->value, value)) {
      return Wrong(StrCat(Text(found->labels, found->value), " instead of ", FormatFloat(value)));
    }
  }
  return absl::OkStatus();
}

absl::Status CompareSeries(const Series& got, const SeriesLine& want, const EvalTimes& times) {
  std::map<TimestampMs, double> left;
  for (const Sample& sample : got.samples) left[sample.timestamp] = sample.value;
  for (size_t i = 0; i < want.points.size(); ++i) {
    if (!want.points[i]) continue;
    const auto found = left.find(times.step_time(i));
    const std::string at = StrCat(" at ", times.step_time(i), " ms");
    if (found == left.end()) return Wrong(StrCat("no sample of ", want.labels.ToString(), at));
    if (!AlmostEqual(found->second, *want.points[i])) {
      return Wrong(StrCat(Text(want.labels, found->second), " instead of ",
                          FormatFloat(*want.points[i]), at));
    }
    left.erase(found);
  }
  if (left.empty()) return absl::OkStatus();
  return Wrong(StrCat("unwanted ", Text(want.labels, left.begin()->second), " at ",
                      left.begin()->first, " ms"));
}

absl::Status CompareMatrix(const Matrix& got, const EvalCommand& want, const EvalTimes& times) {
  size_t wanted_series = 0;
  for (const SeriesLine& line : want.series) {
    if (!HasPoints(line)) continue;
    ++wanted_series;
    const auto found = std::find_if(got.begin(), got.end(),
                                    [&](const auto& s) { return s.labels == line.labels; });
    if (found == got.end()) return Wrong(StrCat("no series ", line.labels.ToString()));
    RETURN_IF_ERROR(CompareSeries(*found, line, times));
  }
  if (got.size() == wanted_series) return absl::OkStatus();
  std::string all;
  for (const auto& s : got) StrAppend(&all, "\n    ", Text(s.labels, s.samples[0].value));
  return Wrong(StrCat(got.size(), " series instead of ", wanted_series, all));
}

absl::Status CompareValue(const Value& got, const EvalCommand& want) {
  if (const auto* text = std::get_if<StringValue>(&got)) {
    if (want.string == text->value) return absl::OkStatus();
    return Wrong(StrCat("string \"", text->value, "\""));
  }
  if (const auto* scalar = std::get_if<ScalarValue>(&got)) {
    if (want.scalar && AlmostEqual(scalar->value, *want.scalar)) return absl::OkStatus();
    return Wrong(StrCat("scalar ", FormatFloat(scalar->value)));
  }
  if (want.scalar || want.string) return Wrong("neither a scalar nor a string");
  if (const auto* matrix = std::get_if<Matrix>(&got)) {
    return CompareMatrix(*matrix, want, want.range_vector.value_or(want.times));
  }
  return CompareVector(std::get<InstantVector>(got), want);
}

// The result of a range query against an instant case at `time`.
absl::Status CompareStep(const Matrix& got, const EvalCommand& want, TimestampMs time) {
  InstantVector at_time;
  for (const Series& series : got) {
    for (const Sample& sample : series.samples) {
      if (sample.timestamp == time) at_time.push_back({series.labels, time, sample.value});
    }
  }
  if (!want.scalar) return CompareVector(at_time, want);
  if (at_time.size() == 1 && AlmostEqual(at_time[0].value, *want.scalar)) return absl::OkStatus();
  return Wrong("another scalar");
}

absl::StatusOr<bool> TextMatches(const WantedText& want, std::string_view text) {
  if (want.exact) return text == *want.exact;
  if (!want.regex) return true;
  ASSIGN_OR_RETURN(const SearchRegex regex, SearchRegex::Create(*want.regex));
  return regex.Matches(text);
}

absl::Status CompareTexts(std::string_view kind, const std::vector<WantedText>& want, bool none,
                          const std::set<std::string>& got) {
  if (none && !got.empty()) return Wrong(StrCat("unwanted ", kind, ": ", *got.begin()));
  for (const WantedText& wanted : want) {
    bool found = false;
    for (const std::string& text : got) {
      ASSIGN_OR_RETURN(const bool matches, TextMatches(wanted, text));
      found |= matches;
    }
    if (!found) return Wrong(StrCat("no such ", kind, got.empty() ? "" : ": " + *got.begin()));
  }
  return absl::OkStatus();
}

absl::Status CompareError(const EvalCommand& want, const absl::Status& error) {
  for (const WantedText& wanted : want.fail) {
    ASSIGN_OR_RETURN(const bool matches, TextMatches(wanted, ToStd(error.message())));
    if (!matches) return Wrong(StrCat("another error: ", ToStd(error.message())));
  }
  return absl::OkStatus();
}

// Whether a query means something else as part of another range of time.
bool DependsOnQueryRange(std::string_view query) {
  for (const char* word : {"start()", "end()", "step()", "range()"}) {
    if (query.find(word) != std::string_view::npos) return true;
  }
  return false;
}

// --- running

class Runner {
 public:
  explicit Runner(const ScriptOptions& options)
      : options_(options),
        pool_(2),
        engine_({.delayed_name_removal = options.delayed_name_removal}, pool_, metrics_) {}

  absl::Status Run(const LoadCommand& load, size_t) {
    unsupported_.Add(load);
    return SeriesLoader(load.series, 0, load.interval)
        .LoadThrough(kMaxTimestamp, *store_.appendable);
  }

  absl::Status Run(const ClearCommand&, size_t) { return Clear(); }

  // Begins with an empty store.
  absl::Status Clear() {
    unsupported_.Clear();
    ASSIGN_OR_RETURN(store_, options_.new_store());
    return absl::OkStatus();
  }

  absl::Status Run(const EvalCommand& eval, size_t line) {
    ScriptCase result = {line, eval.query, ScriptOutcome::kPassed, ""};
    const absl::Status status = Evaluate(eval);
    if (!status.ok()) {
      const bool not_yet = absl::IsUnimplemented(status);
      result.outcome = not_yet ? ScriptOutcome::kNotYet : ScriptOutcome::kFailed;
      result.reason = ToStd(status.message());
    }
    report_.cases.push_back(std::move(result));
    return absl::OkStatus();
  }

  ScriptReport TakeReport() { return std::move(report_); }

 private:
  // Unimplemented where the case needs what is not there yet, another error where it fails.
  absl::Status Evaluate(const EvalCommand& eval) {
    const absl::StatusOr<Query> query = Query::Parse(eval.query, {.experimental_functions = true,
                                                                  .extended_range_selectors = true,
                                                                  .binop_fill_modifiers = true});
    if (!query.ok()) return eval.fail.empty() ? query.status() : CompareError(eval, query.status());
    const bool wants_histogram = std::any_of(eval.series.begin(), eval.series.end(),
                                             [](const SeriesLine& s) { return s.unsupported; });
    if (wants_histogram || unsupported_.AnySelectedBy(query->expr())) {
      return absl::UnimplementedError("native histograms and start times");
    }
    RETURN_IF_ERROR(Check(*query, eval));
    return eval.range ? absl::OkStatus() : CheckAsRange(*query, eval);
  }

  absl::Status Check(const Query& query, const EvalCommand& eval) {
    const auto querier = store_.queryable->NewQuerier();
    const Cancellation never;
    const absl::StatusOr<QueryResult> got =
        eval.range ? engine_.Range(query, *querier, eval.times, never)
                   : engine_.Instant(query, *querier, eval.times.start, never);
    if (absl::IsUnimplemented(got.status())) return got.status();
    if (!eval.fail.empty()) {
      return got.ok() ? Wrong("did not fail") : CompareError(eval, got.status());
    }
    RETURN_IF_ERROR(got.status());
    RETURN_IF_ERROR(CompareTexts("warning", eval.warn, eval.no_warn, got->annotations.warnings()));
    RETURN_IF_ERROR(CompareTexts("info", eval.info, eval.no_info, got->annotations.infos()));
    return CompareValue(got->value, eval);
  }

  // An instant case once more, as the middle one of three steps.
  absl::Status CheckAsRange(const Query& query, const EvalCommand& eval) {
    const bool has_steps = query.type() == ValueType::kVector || query.type() == ValueType::kScalar;
    if (!has_steps || eval.ordered || !eval.fail.empty() || DependsOnQueryRange(eval.query)) {
      return absl::OkStatus();
    }
    const TimestampMs time = eval.times.start;
    const auto querier = store_.queryable->NewQuerier();
    const Cancellation never;
    const absl::StatusOr<QueryResult> got =
        engine_.Range(query, *querier, {time - kMinute, time + kMinute, kMinute}, never);
    absl::Status status = got.status();
    if (got.ok()) status = CompareStep(std::get<Matrix>(got->value), eval, time);
    if (status.ok() || absl::IsUnimplemented(status)) return status;
    return Wrong(StrCat("as a range query: ", ToStd(status.message())));
  }

  const ScriptOptions& options_;
  ThreadPool pool_;
  MetricRegistry metrics_;
  Engine engine_;
  TestStore store_;
  UnsupportedSeries unsupported_;
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
