#include "promql/exec/absent_operator.h"

#include <vector>

#include "base/status_macros.h"

namespace tidemark::promql {

absl::StatusOr<bool> AbsentOperator::Next(QueryContext& query, ColumnBatch& out) {
  if (std::exchange(done_, true)) return false;
  std::vector<uint64_t> seen(PresenceWords(num_steps()));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
    if (!more) break;
    for (size_t i = 0; i < out.size(); ++i) {
      const StepRow row = out.row(i);
      for (size_t w = 0; w < seen.size(); ++w) seen[w] |= row.present[w];
    }
  }
  out.Reset(num_steps());
  const StepRow row = out.Add({labels_});
  for (size_t step = 0; step < num_steps(); ++step) {
    if ((seen[step / 64] >> (step % 64) & 1) == 0) row.Set(step, 1);
  }
  return true;
}

}  // namespace tidemark::promql
