#include "promql/exec/series_table.h"

#include <utility>

#include "base/status_macros.h"
#include "promql/exec/histogram_load.h"

namespace tidemark::promql {
SeriesTable::SeriesTable(QueryContext& query, size_t num_steps)
    : num_steps_(num_steps), held_(query) {}

absl::Status SeriesTable::Add(SeriesHeader header, const StepRow& row) {
  const auto found = by_labels_.find(header.labels.bytes());
  const bool is_new = found == by_labels_.end();
  const HistogramLoad load = LoadOfHistograms(row);
  const size_t row_bytes =
      is_new ? RowBytes(num_steps_) + header.labels.bytes().size() + kRowOverhead : 0;
  RETURN_IF_ERROR(held_.Grow(row.Count() + load.extra_samples, row_bytes + load.bytes));
  if (is_new) {
    auto added = std::make_unique<Row>();
    added->header = std::move(header);
    added->values.resize(num_steps_);
    added->present.resize(PresenceWords(num_steps_));
    StepRow{added->values, added->present, &added->histograms}.CopyFrom(row);
    by_labels_.emplace(added->header.labels.bytes(), rows_.size());
    rows_.push_back(std::move(added));
    return absl::OkStatus();
  }
  Row& into = *rows_[found->second];
  for (size_t w = 0; w < row.present.size(); ++w) {
    if ((into.present[w] & row.present[w]) != 0) {
      return absl::FailedPreconditionError("vector cannot contain metrics with the same labelset");
    }
    into.present[w] |= row.present[w];
  }
  const StepRow to = this->row(found->second);
  row.ForEach([&](size_t step) { to.SetFrom(row, step); });
  return absl::OkStatus();
}

absl::Status SeriesTable::AddAll(QueryContext& query, Operator& input) {
  ColumnBatch batch;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, input.Next(query, batch));
    if (!more) return absl::OkStatus();
    for (size_t i = 0; i < batch.size(); ++i) {
      if (batch.row(i).Empty()) continue;
      RETURN_IF_ERROR(Add(std::move(batch.header(i)), batch.row(i)));
    }
  }
}

bool DropHistograms(SeriesTable& table) {
  bool any = false;
  for (size_t i = 0; i < table.size(); ++i) any |= table.row(i).DropHistograms();
  return any;
}

}  // namespace tidemark::promql
