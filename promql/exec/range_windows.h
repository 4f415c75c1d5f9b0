#pragma once

#include <cstddef>
#include <optional>

#include "base/model/sample.h"
#include "base/model/timestamp.h"
#include "promql/engine.h"

namespace tidemark::promql {

// What a range selector sees at `through`: open on the left, closed on the right.
struct RangeWindow {
  TimestampMs after = 0, through = 0;
  static constexpr RangeWindow EndingAt(TimestampMs t, DurationMs range) {
    return {SaturatingSubtract(t, range), t};
  }
  constexpr bool Contains(TimestampMs t) const { return after < t && t <= through; }
  friend bool operator==(const RangeWindow&, const RangeWindow&) = default;
};

// The windows that a selector looks through, one for each step: as long as `range`, ending at the
// step's time (or at `at`, where given, for every step), moved back by `offset`. Neither end of a
// window ever moves back from one step to the next.
struct RangeWindows {
  EvalTimes times;
  DurationMs range = 0;
  DurationMs offset = 0;
  std::optional<TimestampMs> at;
  // How far beyond its ends samples matter to a window, under `anchored` and `smoothed`.
  DurationMs reach_back = 0, reach_ahead = 0;

  size_t size() const { return times.num_steps(); }
  RangeWindow operator[](size_t step) const {
    return RangeWindow::EndingAt(SaturatingSubtract(at.value_or(times.step_time(step)), offset),
                                 range);
  }
  // From the first window to the last, as storage is asked for it: both ends included.
  TimeRange Hull() const {
    const RangeWindow first = (*this)[0], last = (*this)[size() - 1];
    return {SaturatingAdd(SaturatingSubtract(first.after, reach_back), 1),
            SaturatingAdd(last.through, reach_ahead)};
  }
};

// Calls fn(step, begin, end) for each step whose window has samples: those in [begin, end) of
// `samples`. Two indexes move forward only: samples + steps in all.
template <typename Fn>
void ForEachWindow(const SampleColumns& samples, const RangeWindows& windows, Fn fn) {
  size_t begin = 0, end = 0;
  for (size_t step = 0; step < windows.size(); ++step) {
    const RangeWindow window = windows[step];
    while (end < samples.size() && samples.timestamps[end] <= window.through) ++end;
    while (begin < end && samples.timestamps[begin] <= window.after) ++begin;
    if (begin < end) fn(step, begin, end);
  }
}

}  // namespace tidemark::promql
