#pragma once

#include <cstddef>
#include <span>

#include "base/model/sample.h"
#include "promql/exec/range_windows.h"
#include "promql/functions/extrapolation.h"
#include "promql/functions/range_function.h"

// What start timestamps say of a counter: when it began to count what a sample holds.
// Source: Prometheus 3.14, promql/functions.go.
namespace tidemark::promql {

// When the samples of one kind are of and began, each as many; no starts where none are known.
struct SampleTimes {
  std::span<const TimestampMs> times, starts;

  static SampleTimes OfFloats(const SampleColumns& samples) {
    return {samples.timestamps, samples.start_timestamps};
  }
  static SampleTimes OfHistograms(const SampleColumns& samples) {
    return {samples.histograms.timestamps(), samples.histograms.start_timestamps()};
  }
};

// Whether the counter began anew between samples `i - 1` and `i`: sample `i` began after the one
// before it, or just at it, as deltas do. A start that is not known, that is not before its own
// sample, or that is the first one known says nothing.
inline bool BeginsAnew(const SampleTimes& samples, size_t i) {
  if (samples.starts.empty()) return false;
  const TimestampMs start = samples.starts[i];
  const TimestampMs previous = samples.times[i - 1];
  if (start == 0 || start >= samples.times[i] || start < previous) return false;
  const TimestampMs previous_start = samples.starts[i - 1];
  return start > previous || (previous_start != 0 && previous_start < previous);
}

// Whether the counter began inside the window whose first sample is `first`, so that it is known to
// have been zero there.
inline bool BeginsInWindow(const SampleTimes& samples, size_t first, const RangeWindow& window) {
  if (samples.starts.empty()) return false;
  const TimestampMs start = samples.starts[first];
  return start != 0 && window.after < start && start < samples.times[first];
}

// What the increase since that start up to the last of samples [begin, end) is multiplied by to be
// that of the whole window: nothing is extrapolated to the left, and to the right only where there
// is a gap to judge by.
inline double FactorFromStart(const SampleTimes& samples, size_t begin, size_t end,
                              const RangeWindow& window) {
  const TimestampMs last = samples.times[end - 1];
  const size_t gaps = end - begin - 1;
  const double gap =
      gaps == 0 ? 0 : Seconds(last - samples.times[begin]) / static_cast<double>(gaps);
  const double sampled = Seconds(last - samples.starts[begin]);
  double after = Seconds(window.through - last);
  if (after >= gap * 1.1) after = gap / 2;
  return (sampled + after) / sampled;
}

// Whether in any window a sample began before the sample of its kind before it, and not where that
// one did: something counted twice.
bool AnyStartOverlaps(const WindowedSeries& series);

}  // namespace tidemark::promql
