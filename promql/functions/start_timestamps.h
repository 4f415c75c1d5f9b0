#pragma once

#include <cstddef>

#include "base/model/sample.h"
#include "promql/functions/range_function.h"

// What start timestamps say of a counter: when it began to count what a sample holds.
// Source: Prometheus 3.14, promql/functions.go.
namespace tidemark::promql {

// Whether the counter began anew between samples `i - 1` and `i`: sample `i` began after the one
// before it, or just at it, as deltas do. A start that is not known, that is not before its own
// sample, or that is the first one known says nothing.
inline bool BeginsAnew(const SampleColumns& samples, size_t i) {
  if (samples.start_timestamps.empty()) return false;
  const TimestampMs start = samples.start_timestamps[i];
  const TimestampMs previous = samples.timestamps[i - 1];
  if (start == 0 || start >= samples.timestamps[i] || start < previous) return false;
  const TimestampMs previous_start = samples.start_timestamps[i - 1];
  return start > previous || (previous_start != 0 && previous_start < previous);
}

// Whether the counter began inside the window whose first sample is `first`, so that it is known to
// have been zero there.
inline bool BeginsInWindow(const SampleColumns& samples, size_t first, const RangeWindow& window) {
  if (samples.start_timestamps.empty()) return false;
  const TimestampMs start = samples.start_timestamps[first];
  return start != 0 && window.after < start && start < samples.timestamps[first];
}

// Whether in any window a sample began before the sample before it, and not where that one did:
// something counted twice.
bool AnyStartOverlaps(const WindowedSeries& series);

}  // namespace tidemark::promql
