#include "promql/plan/windows.h"

namespace tidemark::promql {

RangeWindows WindowsOf(const EvalTimes& times, const WindowSpec& window,
                       DurationMs lookback_delta) {
  using Extension = VectorSelector::Extension;
  const bool instant = window.range == 0;
  RangeWindows windows = {times, instant ? lookback_delta : window.range, window.offset, window.at};
  // An instant selector looks back over its window as it is.
  if (window.extension != Extension::kNone && !instant) windows.reach_back = lookback_delta;
  if (window.extension == Extension::kSmoothed) windows.reach_ahead = lookback_delta;
  return windows;
}

}  // namespace tidemark::promql
