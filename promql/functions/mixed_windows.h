#pragma once

#include <cstddef>
#include <span>

#include "base/model/timestamp.h"
#include "promql/exec/range_windows.h"
#include "promql/functions/range_function.h"

namespace tidemark::promql {

// The samples of one kind, by ascending time, that a window holds: [begin, end). Windows come in
// order.
class WindowCursor {
 public:
  explicit WindowCursor(std::span<const TimestampMs> times) : times_(times) {}

  void MoveTo(const RangeWindow& window) {
    while (end_ < times_.size() && times_[end_] <= window.through) ++end_;
    while (begin_ < end_ && times_[begin_] <= window.after) ++begin_;
  }
  size_t begin() const { return begin_; }
  size_t end() const { return end_; }
  size_t size() const { return end_ - begin_; }
  TimestampMs first_time() const { return times_[begin_]; }
  TimestampMs last_time() const { return times_[end_ - 1]; }

 private:
  const std::span<const TimestampMs> times_;
  size_t begin_ = 0, end_ = 0;
};

// Calls fn(step, window, floats, histograms) with a cursor for each kind for the steps whose
// windows have native histograms, until the query is cancelled. Cost: samples + steps.
template <typename Fn>
void ForEachWindowWithHistograms(const WindowedSeries& series, Fn fn) {
  constexpr size_t kStepsPerCheck = 256;
  WindowCursor floats(series.samples.timestamps);
  WindowCursor histograms(series.samples.histograms.timestamps());
  for (size_t step = 0; step < series.windows.size(); ++step) {
    if (step % kStepsPerCheck == 0 && series.query != nullptr &&
        !series.query->CheckCancelled().ok()) {
      return;
    }
    const RangeWindow window = series.windows[step];
    floats.MoveTo(window);
    histograms.MoveTo(window);
    if (histograms.size() > 0) fn(step, window, floats, histograms);
  }
}

}  // namespace tidemark::promql
