#include "promql/functions/start_timestamps.h"

#include <algorithm>

namespace tidemark::promql {
namespace {

bool Overlaps(const SampleColumns& samples, size_t i) {
  const TimestampMs start = samples.start_timestamps[i];
  return start != 0 && start < samples.timestamps[i - 1] &&
         start != samples.start_timestamps[i - 1];
}

}  // namespace

bool AnyStartOverlaps(const WindowedSeries& series) {
  const SampleColumns& samples = series.samples;
  if (samples.start_timestamps.empty()) return false;
  bool any = false;
  size_t checked = 0;  // pairs ending before this index are in no window or do not overlap
  ForEachWindow(series, [&](size_t, size_t begin, size_t end) {
    checked = std::max(checked, begin + 1);
    for (; checked < end; ++checked) any |= Overlaps(samples, checked);
  });
  return any;
}

}  // namespace tidemark::promql
