#include "promql/exec/grouping.h"

#include <utility>

#include "absl/container/flat_hash_map.h"

#include "promql/exec/metric_name.h"

namespace tidemark::promql {

LabelSet Grouping::GroupOf(const LabelSet& series) const {
  if (without) return WithoutMetricName(DropLabels(series, labels));
  return KeepLabels(series, labels);
}

std::vector<RowGroup> GroupRows(const Grouping& grouping, const SeriesTable& series) {
  std::vector<RowGroup> groups;
  absl::flat_hash_map<LabelSet, size_t> by_labels;
  for (size_t i = 0; i < series.size(); ++i) {
    LabelSet labels = grouping.GroupOf(series.header(i).labels);
    const auto [found, added] = by_labels.try_emplace(labels, groups.size());
    if (added) groups.push_back({{std::move(labels)}, {}});
    RowGroup& group = groups[found->second];
    group.header.drop_name |= series.header(i).drop_name;
    group.rows.push_back(i);
  }
  return groups;
}

}  // namespace tidemark::promql
