#include "promql/functions/sample_times.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace tidemark::promql {
namespace {

// Sets each step that has samples to the time of sample pick(begin, end).
template <typename Fn>
void SetEach(const WindowedSeries& series, const StepRow& out, Fn pick) {
  ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
    out.Set(step, static_cast<double>(series.samples.timestamps[pick(begin, end)]) / 1000);
  });
}

// The last value to which no other of the window is to be preferred; NaN gives way to any.
template <typename Better>
void TimeOfBest(const WindowedSeries& series, const StepRow& out, Better better_or_equal) {
  const std::vector<double>& values = series.samples.values;
  SetEach(series, out, [&](size_t begin, size_t end) {
    size_t best = begin;
    for (size_t i = begin + 1; i < end; ++i) {
      if (better_or_equal(values[i], values[best]) || std::isnan(values[best])) best = i;
    }
    return best;
  });
}

}  // namespace

void TimeOfFirst(const WindowedSeries& series, const StepRow& out) {
  SetEach(series, out, [](size_t begin, size_t) { return begin; });
}
// Before 1970 it is 0, as Prometheus has it: there the newer of a float and a histogram counts, and
// a missing one counts as 0.
void TimeOfLast(const WindowedSeries& series, const StepRow& out) {
  ForEachWindow(series, [&](size_t step, size_t, size_t end) {
    const TimestampMs last = std::max<TimestampMs>(series.samples.timestamps[end - 1], 0);
    out.Set(step, static_cast<double>(last) / 1000);
  });
}
void TimeOfMin(const WindowedSeries& series, const StepRow& out) {
  TimeOfBest(series, out, std::less_equal<double>());
}
void TimeOfMax(const WindowedSeries& series, const StepRow& out) {
  TimeOfBest(series, out, std::greater_equal<double>());
}

}  // namespace tidemark::promql
