#include "promql/functions/start_timestamps.h"

#include <algorithm>

#include "promql/functions/mixed_windows.h"

namespace tidemark::promql {
namespace {

bool Overlaps(const SampleTimes& samples, size_t i) {
  const TimestampMs start = samples.starts[i];
  return start != 0 && start < samples.times[i - 1] && start != samples.starts[i - 1];
}

bool AnyOverlaps(const SampleTimes& samples, const RangeWindows& windows) {
  if (samples.starts.empty()) return false;
  WindowCursor cursor(samples.times);
  bool any = false;
  size_t checked = 0;  // pairs ending before this index are in no window or do not overlap
  for (size_t step = 0; step < windows.size() && !any; ++step) {
    cursor.MoveTo(windows[step]);
    checked = std::max(checked, cursor.begin() + 1);
    for (; checked < cursor.end(); ++checked) any |= Overlaps(samples, checked);
  }
  return any;
}

}  // namespace

bool AnyStartOverlaps(const WindowedSeries& series) {
  return AnyOverlaps(SampleTimes::OfFloats(series.samples), series.windows) ||
         AnyOverlaps(SampleTimes::OfHistograms(series.samples), series.windows);
}

}  // namespace tidemark::promql
