#include "promql/exec/aggregation.h"

#include <algorithm>

#include "base/status_macros.h"

namespace tidemark::promql {

absl::StatusOr<bool> Aggregation::Next(QueryContext& query, ColumnBatch& out) {
  if (!held_) {
    held_.emplace(query);
    RETURN_IF_ERROR(FoldAll(query));
  }
  if (next_ == groups_.size()) return false;
  out.Reset(num_steps());
  const size_t end = std::min(groups_.size(), next_ + out.max_series());
  for (; next_ < end; ++next_) {
    Group& group = groups_[next_];
    group.accumulator->Finish(out.Add(std::move(group.header)));
    group.accumulator.reset();
  }
  return true;
}

absl::Status Aggregation::FoldAll(QueryContext& query) {
  ColumnBatch batch;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, input_->Next(query, batch));
    if (!more) return absl::OkStatus();
    RETURN_IF_ERROR(query.CheckCancelled());
    for (size_t i = 0; i < batch.size(); ++i) {
      const StepRow row = batch.row(i);
      if (row.Empty()) continue;
      ASSIGN_OR_RETURN(Group* const group, GroupOf(batch.header(i)));
      group->accumulator->Fold(row);
    }
  }
}

// A group made of late-removed names has its own removed late, if only one of them is.
absl::StatusOr<Aggregation::Group*> Aggregation::GroupOf(const SeriesHeader& series) {
  constexpr size_t kBytesPerStep = 48, kBytesPerGroup = 256;  // what the largest accumulator takes
  LabelSet labels = grouping_.GroupOf(series.labels);
  const auto [found, added] = by_labels_.try_emplace(labels, groups_.size());
  if (added) {
    RETURN_IF_ERROR(held_->Grow(
        num_steps(), num_steps() * kBytesPerStep + kBytesPerGroup + 2 * labels.bytes().size()));
    groups_.push_back({{std::move(labels)}, MakeGroupAccumulator(op_, num_steps())});
  }
  Group& group = groups_[found->second];
  group.header.drop_name |= series.drop_name;
  return &group;
}

}  // namespace tidemark::promql
