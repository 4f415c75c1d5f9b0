#include "promql/exec/float_drop.h"

#include "base/status_macros.h"

namespace tidemark::promql {

absl::StatusOr<bool> FloatDrop::Next(QueryContext& query, ColumnBatch& out) {
  while (true) {
    ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
    if (!more) return false;
  }
}

}  // namespace tidemark::promql
