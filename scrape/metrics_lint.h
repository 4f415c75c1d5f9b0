#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::scrape {

// What is not as Prometheus's conventions want it, of one metric family: "no help text".
struct LintProblem {
  std::string metric, text;
  friend auto operator<=>(const LintProblem&, const LintProblem&) = default;
};

struct LintedFamily {
  std::string name;
  size_t num_series = 0;
};

struct LintedPage {
  std::vector<LintProblem> problems;   // by metric, then text
  std::vector<LintedFamily> families;  // by name; those that have a series
};

// Looks at a page in Prometheus's text format or, where its last line is `# EOF`, in OpenMetrics.
// The text of a page is judged by the same rules and in the same words as promtool does.
//   InvalidArgument  the page cannot be read ("line 12: reason"), or in OpenMetrics is not what the
//                    standard allows
// Source: https://prometheus.io/docs/practices/naming/; github.com/prometheus/client_golang,
// prometheus/testutil/promlint.
absl::StatusOr<LintedPage> LintMetrics(std::string_view page);

}  // namespace tidemark::scrape
