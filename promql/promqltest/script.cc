#include "promql/promqltest/script.h"

#include <cmath>
#include <utility>

#include "base/model/duration.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

// A line of the script without what is around it; a comment is empty.
std::string_view Content(std::string_view line) {
  line = TrimSpace(line);
  return line.starts_with('#') ? std::string_view() : line;
}

// The first word of `line`, which loses it and the space behind.
std::string_view ConsumeWord(std::string_view& line) {
  const size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line = TrimSpace(line.substr(end));
  return word;
}

// What a case may ask for: far more than a test needs, and no number that steps overflow.
constexpr DurationMs kMaxTime = 1000 * 365 * kDay;
constexpr int64_t kMaxSteps = 1'000'000;

// `5m`, `-30s`, or seconds.
absl::StatusOr<DurationMs> ParseTime(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view size = text.substr(negative ? 1 : 0);
  if (const auto duration = ParseDuration(size); duration.ok()) {
    return negative ? -*duration : *duration;
  }
  const std::optional<double> seconds = ParseFloat(text);
  if (!seconds) return absl::InvalidArgumentError(StrCat("not a time: ", text));
  if (!(std::abs(*seconds) <= kMaxTime / kSecond)) {
    return absl::InvalidArgumentError(StrCat("a time beyond a thousand years: ", text));
  }
  return std::llround(*seconds * 1000);
}

// `KEYWORD TIME` at the front of `line`.
absl::StatusOr<DurationMs> ConsumeTime(std::string_view keyword, std::string_view& line) {
  const std::string_view word = ConsumeWord(line);
  if (word != keyword) return absl::InvalidArgumentError(StrCat("no ", keyword, " but ", word));
  return ParseTime(ConsumeWord(line));
}

// `from A to B step C` at the front of `line`.
absl::StatusOr<EvalTimes> ConsumeTimes(std::string_view& line) {
  EvalTimes times;
  ASSIGN_OR_RETURN(times.start, ConsumeTime("from", line));
  ASSIGN_OR_RETURN(times.end, ConsumeTime("to", line));
  ASSIGN_OR_RETURN(times.step, ConsumeTime("step", line));
  if (times.end < times.start) return absl::InvalidArgumentError("the end is before the start");
  if (times.step <= 0) return absl::InvalidArgumentError("the step is not above zero");
  if ((times.end - times.start) / times.step >= kMaxSteps) {
    return absl::InvalidArgumentError(StrCat("more than ", kMaxSteps, " steps"));
  }
  return times;
}

absl::StatusOr<LoadCommand> ParseLoad(std::string_view line, bool with_custom_buckets) {
  LoadCommand load;
  load.with_custom_buckets = with_custom_buckets;
  ASSIGN_OR_RETURN(load.interval, ParseTime(ConsumeWord(line)));
  if (load.interval <= 0) return absl::InvalidArgumentError("the interval is not above zero");
  return load;
}

// `instant at T QUERY`, `range from A to B step C QUERY`.
absl::StatusOr<EvalCommand> ParseEval(std::string_view command, std::string_view line) {
  EvalCommand eval;
  if (command == "eval_ordered") {
    eval.ordered = true;
  } else if (command == "eval_fail") {
    eval.fail.emplace_back();
  } else if (command == "eval_warn") {
    eval.warn.emplace_back();
  } else if (command == "eval_info") {
    eval.info.emplace_back();
  } else if (command != "eval") {
    return absl::InvalidArgumentError(StrCat("unknown command ", command));
  }
  const std::string_view kind = ConsumeWord(line);
  eval.range = kind == "range";
  if (eval.range) {
    ASSIGN_OR_RETURN(eval.times, ConsumeTimes(line));
  } else if (kind != "instant") {
    return absl::InvalidArgumentError(StrCat("neither instant nor range but ", kind));
  } else if (line.starts_with("at ")) {  // at time 0 without
    ASSIGN_OR_RETURN(const TimestampMs at, ConsumeTime("at", line));
    eval.times = EvalTimes::At(at);
  }
  eval.query = line;
  if (line.empty()) return absl::InvalidArgumentError("no query");
  return eval;
}

// What follows `expect warn`: nothing, `msg: TEXT`, `regex: TEXT`.
WantedText ParseWanted(std::string_view line) {
  if (line.starts_with("msg:")) return {std::string(TrimSpace(line.substr(4))), std::nullopt};
  if (line.starts_with("regex:")) return {std::nullopt, std::string(TrimSpace(line.substr(6)))};
  return {};
}

absl::Status ParseExpect(std::string_view line, EvalCommand& eval) {
  const std::string_view what = ConsumeWord(line);
  if (what == "ordered") {
    eval.ordered = true;
  } else if (what == "fail") {
    eval.fail.push_back(ParseWanted(line));
  } else if (what == "warn") {
    eval.warn.push_back(ParseWanted(line));
  } else if (what == "info") {
    eval.info.push_back(ParseWanted(line));
  } else if (what == "no_warn") {
    eval.no_warn = true;
  } else if (what == "no_info") {
    eval.no_info = true;
  } else if (what == "string") {
    ASSIGN_OR_RETURN(eval.string, ConsumeQuoted(line));
  } else if (what == "range") {
    ConsumeWord(line);  // vector
    ASSIGN_OR_RETURN(eval.range_vector, ConsumeTimes(line));
  } else {
    return absl::InvalidArgumentError(StrCat("unknown expectation ", what));
  }
  return absl::OkStatus();
}

// A line below `load`.
absl::Status ParseBelow(std::string_view line, LoadCommand& load) {
  ASSIGN_OR_RETURN(load.series.emplace_back(), ParseSeriesLine(line));
  return absl::OkStatus();
}

// A line below `eval`.
absl::Status ParseBelow(std::string_view line, EvalCommand& eval) {
  std::string_view rest = line;
  const std::string_view word = ConsumeWord(rest);
  if (word == "expect") return ParseExpect(rest, eval);
  if (word == "expected_fail_message") {
    eval.fail = {{std::string(rest), std::nullopt}};
    return absl::OkStatus();
  }
  if (rest.empty() && !eval.range && !line.starts_with('{')) {
    eval.scalar = ParseFloat(line);
    if (eval.scalar) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(eval.series.emplace_back(), ParseSeriesLine(line));
  return absl::OkStatus();
}

absl::Status ParseBelow(std::string_view, ClearCommand&) {
  return absl::InvalidArgumentError("nothing may follow clear");
}

absl::Status ParseCommand(std::string_view line, ScriptCommand& out) {
  const std::string_view word = ConsumeWord(line);
  if (word == "clear") {
    out.command = ClearCommand{};
  } else if (word == "load" || word == "load_with_nhcb") {
    ASSIGN_OR_RETURN(out.command, ParseLoad(line, word == "load_with_nhcb"));
  } else if (word.starts_with("eval")) {
    ASSIGN_OR_RETURN(out.command, ParseEval(word, line));
  } else {
    return absl::InvalidArgumentError(StrCat("unknown command ", word));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ScriptCommand>> ParseTestScript(std::string_view text) {
  std::vector<ScriptCommand> commands;
  bool inside = false;  // of the command at the back
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Content(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    absl::Status status;
    if (line.empty()) {
      inside = false;
    } else if (inside) {
      status = std::visit([&](auto& c) { return ParseBelow(line, c); }, commands.back().command);
    } else {
      commands.push_back({number, {}});
      status = ParseCommand(line, commands.back());
      inside = !std::holds_alternative<ClearCommand>(commands.back().command);
    }
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          StrCat("line ", number, ": ", ToStd(status.message()), ": ", line));
    }
  }
  return commands;
}

}  // namespace tidemark::promql
