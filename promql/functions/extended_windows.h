#pragma once

#include <cstddef>
#include <span>

#include "base/model/sample.h"
#include "promql/exec/range_windows.h"

namespace tidemark::promql {

// What windows see of a series under `anchored` and `smoothed`, which look at samples beyond the
// ends of a window: at the last sample at or before its start, not further from it than reach_back,
// and under `smoothed` at the first one at or after its end, not further than reach_ahead.
// Both call fn(step, begin, end) for each step that has something to tell, with the samples in
// [begin, end), whose `times` ascend; neither index ever moves back. Cost: samples + steps.

// Windows without a sample of their own are left out.
template <typename Fn>
void ForEachAnchoredWindow(std::span<const TimestampMs> times, const RangeWindows& windows, Fn fn) {
  size_t reach = 0, inside = 0, end = 0;  // the first samples within reach, inside, and behind
  for (size_t step = 0; step < windows.size(); ++step) {
    const RangeWindow window = windows[step];
    const TimestampMs reach_after = SaturatingSubtract(window.after, windows.reach_back);
    while (end < times.size() && times[end] <= window.through) ++end;
    while (inside < end && times[inside] <= window.after) ++inside;
    while (reach < inside && times[reach] <= reach_after) ++reach;
    if (inside < end) fn(step, reach < inside ? inside - 1 : inside, end);
  }
}

// Windows that have samples only before them, or only behind them, are left out.
template <typename Fn>
void ForEachSmoothedWindow(std::span<const TimestampMs> times, const RangeWindows& windows, Fn fn) {
  size_t reach = 0, inside = 0, end = 0;  // `end`: the first sample at or after the window's end
  for (size_t step = 0; step < windows.size(); ++step) {
    const RangeWindow window = windows[step];
    const TimestampMs reach_after = SaturatingSubtract(window.after, windows.reach_back);
    const TimestampMs reach_through = SaturatingAdd(window.through, windows.reach_ahead);
    while (end < times.size() && times[end] < window.through) ++end;
    while (inside < times.size() && times[inside] <= window.after) ++inside;
    while (reach < inside && times[reach] <= reach_after) ++reach;
    const size_t begin = reach < inside ? inside - 1 : inside;
    const size_t through = end < times.size() && times[end] <= reach_through ? end + 1 : end;
    if (inside < through && times[begin] <= window.through) fn(step, begin, through);
  }
}

// The value at time `t` on the line between samples `i` and `i + 1`. A counter that falls between
// them is taken to start again from zero at the first one.
inline double Interpolate(const SampleColumns& samples, size_t i, TimestampMs t, bool counter) {
  const double to = samples.values[i + 1];
  const double from = counter && to < samples.values[i] ? 0 : samples.values[i];
  const auto length = static_cast<double>(samples.timestamps[i + 1] - samples.timestamps[i]);
  return from + (to - from) * static_cast<double>(t - samples.timestamps[i]) / length;
}

}  // namespace tidemark::promql
