#include "promql/exec/label_sort_operator.h"

#include <algorithm>
#include <numeric>

#include "base/status_macros.h"
#include "promql/exec/sort_operator.h"
#include "promql/functions/natural_order.h"

namespace tidemark::promql {

absl::Status LabelSortOperator::Build(QueryContext& query, SeriesTable& result) {
  if (num_steps() > 1) {
    WarnOfSort(query, source_);
    return result.AddAll(query, *input_);
  }
  SeriesTable series(query, num_steps());
  RETURN_IF_ERROR(series.AddAll(query, *input_));
  std::vector<size_t> order(series.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const LabelSet &left = series.header(a).labels, &right = series.header(b).labels;
    return descending_ ? Before(right, left) : Before(left, right);
  });
  for (const size_t i : order) RETURN_IF_ERROR(result.Add(series.header(i), series.row(i)));
  return absl::OkStatus();
}

bool LabelSortOperator::Before(const LabelSet& a, const LabelSet& b) const {
  for (const std::string& name : names_) {
    const auto order = CompareNaturally(a.Get(name), b.Get(name));
    if (order != 0) return order < 0;
  }
  return a < b;
}

}  // namespace tidemark::promql
