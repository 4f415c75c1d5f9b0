#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/run/clock.h"
#include "cmd/tidectl/check.h"

// `tidectl query`: questions to a running server, of Tidemark or of Prometheus, answered as
// promtool's commands of the same names print them. Each is false where the command line is wrong
// or the server gives an error, which goes to the error output.
namespace tidemark::tidectl {

// Times are texts as the API takes them; empty ones have the defaults that are said.
struct QueryFlags {
  std::string server, query;           // URL; expression
  std::string label;                   // of QueryLabels: its name
  std::string time;                    // now
  std::string start, end;              // of QueryRange: 5 minutes ago, now
  std::string step;                    // a 250th of the range, whole seconds
  std::vector<std::string> selectors;  // of QuerySeries, QueryLabels and QueryAnalyze
  std::string type, duration = "1h";   // of QueryAnalyze
  std::vector<std::pair<std::string, std::string>> headers;  // extra ones
  std::string http_config_file;  // Prometheus's HTTP client block; empty: none
  bool as_json = false;
};

bool QueryInstant(const QueryFlags& flags, const Clock& clock, const Output& output);
bool QueryRange(const QueryFlags& flags, const Clock& clock, const Output& output);
bool QuerySeries(const QueryFlags& flags, const Output& output);
bool QueryLabels(const QueryFlags& flags, const Output& output);
// How many buckets the histograms use that the selectors match, over `duration` up to `time`.
bool QueryAnalyze(const QueryFlags& flags, const Clock& clock, const Output& output);

}  // namespace tidemark::tidectl
