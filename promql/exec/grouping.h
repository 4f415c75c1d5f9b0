#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/labels/label_set.h"
#include "promql/exec/series_table.h"

namespace tidemark::promql {

// `by (labels)` or `without (labels)`. Without either: by nothing.
struct Grouping {
  bool without = false;
  std::vector<std::string> labels;

  // The labels of the group that a series is in; `without` leaves the metric's name out as well.
  LabelSet GroupOf(const LabelSet& series) const;
};

struct RowGroup {
  SeriesHeader header;       // the group's labels; its name goes late where that of a member does
  std::vector<size_t> rows;  // of the table, ascending
};
// The rows of `series`, each in its group; groups in order of first appearance.
std::vector<RowGroup> GroupRows(const Grouping& grouping, const SeriesTable& series);

}  // namespace tidemark::promql
