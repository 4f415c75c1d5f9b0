#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/plan/rewrites.h"
#include "promql/plan/windows.h"

namespace tidemark::promql {
namespace {

constexpr int64_t kMaxSteps = 5'000'000;  // 40 MB for one series

// The multiples of `step` in (after, through], none where there is no such. Nothing may overflow:
// the times come from outside.
absl::StatusOr<bool> StepsBetween(RangeWindow between, DurationMs step, EvalTimes* times) {
  TimestampMs first = between.after / step * step;
  if (first <= between.after) first = SaturatingAdd(first, step);
  if (first > between.through) return false;
  const DurationMs length = SaturatingSubtract(between.through, first);
  if (length / step >= kMaxSteps) {
    return absl::ResourceExhaustedError(
        StrCat("query processing would load too many samples into memory in query execution: a "
               "subquery has more than ",
               kMaxSteps, " steps"));
  }
  *times = {first, first + length / step * step, step};
  return true;
}

absl::StatusOr<EvalTimes> TimesOfInput(PlanNode& node) {
  if (node.As<StepInvariantNode>() != nullptr) return EvalTimes::At(node.times.start);
  auto* subquery = node.As<SubqueryNode>();
  if (subquery == nullptr) return node.times;
  const RangeWindows windows = WindowsOf(node.times, subquery->window, /*lookback_delta=*/0);
  EvalTimes times;
  ASSIGN_OR_RETURN(subquery->has_steps,
                   StepsBetween({windows[0].after, windows[windows.size() - 1].through},
                                subquery->step, &times));
  return times;
}

}  // namespace

absl::Status ResolveTimes(PlanNode& node, const EvalTimes& times) {
  node.times = times;
  if (node.inputs.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const EvalTimes input_times, TimesOfInput(node));
  for (const PlanNodePtr& input : node.inputs) RETURN_IF_ERROR(ResolveTimes(*input, input_times));
  return absl::OkStatus();
}

}  // namespace tidemark::promql
