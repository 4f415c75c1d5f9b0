#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

#include "promql/engine.h"
#include "promql/series_notation.h"

// Test scripts in the language of Prometheus's promqltest, as data. What the words mean:
// promql/promqltest/README.md of the Prometheus repository. An empty line or a comment ends a
// command.
namespace tidemark::promql {

struct LoadCommand {
  DurationMs interval = 0;
  bool with_custom_buckets = false;  // load_with_nhcb
  std::vector<SeriesLine> series;
};
struct ClearCommand {};

// An annotation or an error that a case wants: any, one with this text, or one that a regular
// expression finds.
struct WantedText {
  std::optional<std::string> exact, regex;
};

struct EvalCommand {
  std::string query;
  bool range = false;
  EvalTimes times;  // of an instant case: its time

  bool ordered = false;
  std::vector<WantedText> fail, warn, info;
  bool no_warn = false, no_info = false;
  std::optional<std::string> string;      // what a string query gives
  std::optional<EvalTimes> range_vector;  // the points are samples of these times
  std::optional<double> scalar;
  std::vector<SeriesLine> series;
};

struct ScriptCommand {
  size_t line = 0;  // from 1
  std::variant<LoadCommand, ClearCommand, EvalCommand> command;
};

// InvalidArgument "line N: reason"
absl::StatusOr<std::vector<ScriptCommand>> ParseTestScript(std::string_view text);

}  // namespace tidemark::promql
