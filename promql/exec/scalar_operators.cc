#include "promql/exec/scalar_operators.h"

#include <cstdint>

#include "base/model/staleness.h"
#include "base/status_macros.h"

namespace tidemark::promql {

OperatorPtr StepValues::Constant(const EvalTimes& times, double value) {
  return std::make_unique<StepValues>(times, std::vector<double>(times.num_steps(), value));
}

OperatorPtr StepValues::Time(const EvalTimes& times) {
  std::vector<double> seconds(times.num_steps());
  for (size_t step = 0; step < seconds.size(); ++step) {
    seconds[step] = static_cast<double>(times.step_time(step)) / 1000;
  }
  return std::make_unique<StepValues>(times, std::move(seconds));
}

absl::StatusOr<bool> StepValues::Next(QueryContext&, ColumnBatch& out) {
  if (std::exchange(done_, true)) return false;
  out.Reset(num_steps());
  const StepRow row = out.Add({});
  for (size_t step = 0; step < values_.size(); ++step) row.Set(step, values_[step]);
  return true;
}

absl::StatusOr<bool> ScalarOfVector::Next(QueryContext& query, ColumnBatch& out) {
  if (std::exchange(done_, true)) return false;
  std::vector<uint32_t> counts(num_steps());
  std::vector<double> values(num_steps());
  while (true) {
    ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
    if (!more) break;
    for (size_t i = 0; i < out.size(); ++i) {
      const StepRow row = out.row(i);
      row.DropHistograms();
      row.ForEach([&](size_t step) {
        ++counts[step];
        values[step] = row.values[step];
      });
    }
  }
  out.Reset(num_steps());
  const StepRow row = out.Add({});
  for (size_t step = 0; step < counts.size(); ++step) {
    row.Set(step, counts[step] == 1 ? values[step] : NormalNan());
  }
  return true;
}

}  // namespace tidemark::promql
