#include "promql/exec/label_operator.h"

#include "base/status_macros.h"

namespace tidemark::promql {

absl::StatusOr<bool> LabelOperator::Next(QueryContext& query, ColumnBatch& out) {
  ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
  if (!more) return false;
  held_.emplace(query);
  for (size_t i = 0; i < out.size(); ++i) {
    SeriesHeader& header = out.header(i);
    // Before it is made: a few calls inside one another can ask for labels of any size.
    const size_t most = header.labels.bytes().size() * (1 + change_.copies) + change_.extra_bytes;
    RETURN_IF_ERROR(held_->Grow(0, most));
    builder_.Reset(header.labels);
    if (!change_.apply(builder_)) continue;
    header.labels = builder_.Build();
    // A name that is given on purpose stays, though an earlier function was to drop it.
    if (change_.destination == kMetricName) header.drop_name = false;
  }
  return true;
}

}  // namespace tidemark::promql
