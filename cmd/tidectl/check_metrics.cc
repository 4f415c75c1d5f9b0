#include "cmd/tidectl/check_metrics.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"

#include "base/strings.h"
#include "scrape/metrics_lint.h"

namespace tidemark::tidectl {
namespace {

using Row = std::array<std::string, 3>;

// Columns as wide as their widest text and four blanks.
void PrintTable(const std::vector<Row>& rows, std::ostream& out) {
  constexpr size_t kPadding = 4;
  std::array<size_t, 3> widths{};
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size() + kPadding);
    }
  }
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      out << row[i] << std::string(widths[i] - row[i].size(), ' ');
    }
    out << "\n";
  }
}

void PrintCardinality(std::vector<scrape::LintedFamily> families, std::ostream& out) {
  std::stable_sort(families.begin(), families.end(),
                   [](const auto& a, const auto& b) { return a.num_series > b.num_series; });
  size_t total = 0;
  for (const scrape::LintedFamily& family : families) total += family.num_series;
  std::vector<Row> rows = {{"Metric", "Cardinality", "Percentage"}};
  for (const scrape::LintedFamily& family : families) {
    const double share = 100 * static_cast<double>(family.num_series) / static_cast<double>(total);
    rows.push_back({family.name, StrCat(family.num_series), absl::StrFormat("%.2f%%", share)});
  }
  rows.push_back({"Total", StrCat(total), "100%"});
  PrintTable(rows, out);
}

}  // namespace

MetricsVerdict CheckMetrics(std::string_view page, const CheckMetricsFlags& flags,
                            const Output& output) {
  absl::StatusOr<scrape::LintedPage> linted = scrape::LintMetrics(page);
  if (!linted.ok()) {
    output.err << "error while linting: " << ToStd(linted.status().message()) << "\n";
    return MetricsVerdict::kUnreadable;
  }
  if (!flags.lint) linted->problems.clear();
  for (const scrape::LintProblem& problem : linted->problems) {
    output.err << problem.metric << " " << problem.text << "\n";
  }
  if (!linted->problems.empty()) return MetricsVerdict::kAgainstConventions;
  if (flags.extended) PrintCardinality(std::move(linted->families), output.out);
  return MetricsVerdict::kGood;
}

}  // namespace tidemark::tidectl
