#include "promql/exec/aggregation.h"

#include <algorithm>

#include "base/status_macros.h"
#include "promql/exec/parallel_rows.h"

namespace tidemark::promql {

absl::StatusOr<bool> Aggregation::Next(QueryContext& query, ColumnBatch& out) {
  if (!held_) {
    held_.emplace(query);
    RETURN_IF_ERROR(FoldAll(query));
  }
  if (next_ == groups_.size()) return false;
  out.Reset(num_steps());
  const size_t first = next_;
  next_ = std::min(groups_.size(), first + out.max_series());
  for (size_t i = first; i < next_; ++i) out.Add(std::move(groups_[i].header));
  RETURN_IF_ERROR(ForEachRowInParallel(query, next_ - first, [&](size_t i) {
    groups_[first + i].accumulator->Finish(out.row(i));
    groups_[first + i].accumulator.reset();
    return absl::OkStatus();
  }));
  if (next_ == groups_.size()) notes_.Tell(query, AggregateOpText(op_), input_source_);
  return true;
}

absl::Status Aggregation::FoldAll(QueryContext& query) {
  ColumnBatch batch;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, input_->Next(query, batch));
    if (!more) return absl::OkStatus();
    RETURN_IF_ERROR(query.CheckCancelled());
    members_.clear();
    for (size_t i = 0; i < batch.size(); ++i) {
      const StepRow row = batch.row(i);
      if (row.Empty()) continue;
      ASSIGN_OR_RETURN(const size_t group, GroupOf(batch.header(i)));
      members_.push_back({row, group, {}});
      if (!row.HasHistograms()) continue;
      groups_[group].accumulator->ExpectHistograms();
      members_.back().metric_name = batch.header(i).labels.metric_name();
    }
    FoldMembers(query);
    RETURN_IF_ERROR(HoldHistograms());
  }
}

// Threads share the steps, not the series: each step takes in its values in the same order whatever
// their number.
void Aggregation::FoldMembers(QueryContext& query) {
  constexpr size_t kCellsPerSlice = 16 * 1024;
  const size_t num_words = PresenceWords(num_steps());
  const size_t num_slices =
      std::clamp<size_t>(members_.size() * num_steps() / kCellsPerSlice, 1, num_words);
  const auto fold = [&](size_t slice) {
    const size_t begin = slice * num_words / num_slices;
    const size_t end = (slice + 1) * num_words / num_slices;
    for (const Member& member : members_) {
      groups_[member.group].accumulator->Fold(member.row, member.metric_name, begin, end);
    }
  };
  if (num_slices == 1) return fold(0);
  query.pool().ParallelFor(num_slices, fold);
}

absl::Status Aggregation::HoldHistograms() {
  for (const Member& member : members_) {
    if (!member.row.HasHistograms()) continue;
    RETURN_IF_ERROR(held_->Grow(0, groups_[member.group].accumulator->TakeGrownBytes()));
  }
  return absl::OkStatus();
}

// A group made of late-removed names has its own removed late, if only one of them is.
absl::StatusOr<size_t> Aggregation::GroupOf(const SeriesHeader& series) {
  constexpr size_t kBytesPerStep = 48, kBytesPerGroup = 256;  // what the largest accumulator takes
  // Where the selector leaves out what is not grouped by, neighbours have the same labels.
  if (!groups_.empty() && series.labels == last_labels_ && !series.drop_name) return last_group_;
  LabelSet labels = grouping_.GroupOf(series.labels);
  const auto [found, added] = by_labels_.try_emplace(labels, groups_.size());
  if (added) {
    RETURN_IF_ERROR(held_->Grow(
        num_steps(), num_steps() * kBytesPerStep + kBytesPerGroup + 2 * labels.bytes().size()));
    groups_.push_back({{std::move(labels)}, MakeGroupAccumulator(op_, num_steps(), notes_)});
  }
  Group& group = groups_[found->second];
  group.header.drop_name |= series.drop_name;
  last_labels_ = series.labels;
  last_group_ = found->second;
  return last_group_;
}

}  // namespace tidemark::promql
