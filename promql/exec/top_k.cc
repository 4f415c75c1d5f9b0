#include "promql/exec/top_k.h"

#include <algorithm>

#include "base/status_macros.h"
#include "promql/exec/aggregation_notes.h"
#include "promql/exec/count_parameter.h"
#include "promql/exec/sort_operator.h"

namespace tidemark::promql {
absl::Status TopK::Build(QueryContext& query, SeriesTable& result) {
  ASSIGN_OR_RETURN(const std::vector<double> parameter, ReadScalar(query, *k_));
  SeriesTable series(query, num_steps());
  RETURN_IF_ERROR(series.AddAll(query, *input_));
  ASSIGN_OR_RETURN(const std::vector<size_t> k, CountsOf(parameter));
  DropHistograms(query, k, series);

  MemoryReservation held(query);
  RETURN_IF_ERROR(held.Grow(0, series.size() * PresenceWords(num_steps()) * sizeof(uint64_t)));
  std::vector<std::vector<uint64_t>> chosen(series.size(),
                                            std::vector<uint64_t>(PresenceWords(num_steps())));
  std::vector<size_t> order;  // of first choice, which is what an instant query shows
  for (const RowGroup& group : GroupRows(grouping_, series)) {
    for (size_t step = 0; step < num_steps(); ++step) {
      if (step % kStepsPerCheck == 0) RETURN_IF_ERROR(query.CheckCancelled());
      for (const size_t row : Best(series, group.rows, step, k[step])) {
        if (std::all_of(chosen[row].begin(), chosen[row].end(), [](auto w) { return w == 0; })) {
          order.push_back(row);
        }
        chosen[row][step / 64] |= uint64_t{1} << (step % 64);
      }
    }
  }
  for (const size_t row : order) {
    RETURN_IF_ERROR(result.Add(series.header(row), {series.row(row).values, chosen[row]}));
  }
  return absl::OkStatus();
}

// Where nothing is chosen nobody misses them.
void TopK::DropHistograms(QueryContext& query, const std::vector<size_t>& k,
                          SeriesTable& series) const {
  bool missed = false;
  for (size_t i = 0; i < series.size(); ++i) {
    const StepRow row = series.row(i);
    if (!row.HasHistograms()) continue;
    row.ForEach([&](size_t step) { missed |= row.HasHistogram(step) && k[step] > 0; });
    row.DropHistograms();
  }
  if (missed) InformOfIgnoredHistogram(query, greatest_ ? "topk" : "bottomk", source_);
}

std::vector<size_t> TopK::Best(const SeriesTable& series, const std::vector<size_t>& group,
                               size_t step, size_t k) const {
  std::vector<size_t> rows;
  for (const size_t row : group) {
    if (series.row(row).Has(step)) rows.push_back(row);
  }
  const size_t count = std::min(rows.size(), k);
  const auto better = [&](size_t a, size_t b) {
    const double left = series.row(a).values[step], right = series.row(b).values[step];
    if (SortsBefore(left, right, greatest_)) return true;
    return !SortsBefore(right, left, greatest_) && a < b;  // the first of equals
  };
  std::partial_sort(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(count), rows.end(), better);
  rows.resize(count);
  return rows;
}

}  // namespace tidemark::promql
