#include "promql/exec/sort_operator.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/status_macros.h"

namespace tidemark::promql {

bool SortsBefore(double a, double b, bool descending) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  return descending ? a > b : a < b;
}

void WarnOfSort(QueryContext& query, SourceRange source) {
  query.Warn("sort is ineffective for range queries since results are always ordered by labels",
             source);
}

absl::Status SortOperator::Build(QueryContext& query, SeriesTable& result) {
  if (num_steps() > 1) {
    WarnOfSort(query, source_);
    RETURN_IF_ERROR(result.AddAll(query, *input_));
    DropHistograms(result);
    return absl::OkStatus();
  }
  SeriesTable series(query, num_steps());
  RETURN_IF_ERROR(series.AddAll(query, *input_));
  DropHistograms(series);
  std::vector<size_t> order(series.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return SortsBefore(series.row(a).values[0], series.row(b).values[0], descending_);
  });
  for (const size_t i : order) RETURN_IF_ERROR(result.Add(series.header(i), series.row(i)));
  return absl::OkStatus();
}

}  // namespace tidemark::promql
