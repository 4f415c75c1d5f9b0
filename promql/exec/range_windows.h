#pragma once

#include <algorithm>
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

// Calls fn(step, window, begin, end) for each step whose window has samples: those in [begin, end)
// of `samples`. Two indexes move forward only: samples + steps in all.
template <typename Fn>
void ForEachWindowOf(const SampleColumns& samples, const RangeWindows& windows, Fn fn) {
  const TimestampMs* const times = samples.timestamps.data();
  const size_t num_samples = samples.size(), num_steps = windows.size();
  RangeWindow window = windows[0];
  const auto first_after = [&](TimestampMs t) {
    return static_cast<size_t>(std::upper_bound(times, times + num_samples, t) - times);
  };
  size_t begin = first_after(window.after), end = first_after(window.through);
  const auto visit = [&](size_t step, const RangeWindow& window) {
    while (end < num_samples && times[end] <= window.through) ++end;
    while (begin < end && times[begin] <= window.after) ++begin;
    if (begin < end) fn(step, window, begin, end);
  };
  const RangeWindow last = windows[num_steps - 1];
  const DurationMs step_length = windows.times.step;
  // Unless some end stays where time ends, or all windows are one, they move evenly.
  if (!windows.at && window.after > kMinTimestamp && last.through < kMaxTimestamp) {
    visit(0, window);
    for (size_t step = 1; step < num_steps; ++step) {
      window.after += step_length;
      window.through += step_length;
      visit(step, window);
    }
    return;
  }
  for (size_t step = 0; step < num_steps; ++step) visit(step, windows[step]);
}

// The same as fn(step, begin, end).
template <typename Fn>
void ForEachWindow(const SampleColumns& samples, const RangeWindows& windows, Fn fn) {
  ForEachWindowOf(samples, windows, [&](size_t step, const RangeWindow&, size_t begin, size_t end) {
    fn(step, begin, end);
  });
}

}  // namespace tidemark::promql
