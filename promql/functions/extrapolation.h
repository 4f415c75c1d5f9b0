#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/model/timestamp.h"
#include "promql/exec/range_windows.h"

namespace tidemark::promql {

inline double Seconds(DurationMs d) { return static_cast<double>(d) / 1000; }

// What a window's increase is made of.
struct WindowEnds {
  TimestampMs first_time, last_time;
  double first;  // the value there; of a native histogram its count
  size_t count;  // of samples, at least 2
};

// Whether `distance` is at least 1.1 of the `num_gaps` equal gaps that make up `sampled`. Divides
// only where rounding could decide.
inline bool IsFar(double distance, double sampled, double num_gaps) {
  constexpr double kDoubt = 1e-12;  // how far apart values are whose order rounding could change
  const double excess = distance * num_gaps - sampled * 1.1;
  if (std::abs(excess) > sampled * kDoubt) return excess > 0;
  return distance >= sampled / num_gaps * 1.1;
}

// What the increase from the first to the last sample of a window is multiplied by to be that of
// the whole window: taken to the edge of the window where the nearest sample is no further from it
// than samples usually are from each other, else half such a gap. A counter is not taken back
// beyond where it was zero. Source: Prometheus, extrapolatedRate. Its divisions are done where they
// tell, so that results agree to the last bit; those that only serve a comparison are multiplied
// out.
template <bool counter>
inline double ExtrapolationFactor(const WindowEnds& ends, const RangeWindow& window,
                                  double increase) {
  constexpr double kHuge = 1e290;  // products with it may be infinite
  constexpr double kDoubt = 1e-12;
  const double sampled = Seconds(ends.last_time - ends.first_time);
  const double num_gaps = static_cast<double>(ends.count - 1);
  double before = Seconds(ends.first_time - window.after);
  double after = Seconds(window.through - ends.last_time);
  if (IsFar(before, sampled, num_gaps)) before = sampled / num_gaps / 2;
  if (IsFar(after, sampled, num_gaps)) after = sampled / num_gaps / 2;
  if constexpr (counter) {
    if (increase > 0 && ends.first >= 0 &&
        (before * increase * (1 + kDoubt) > sampled * ends.first || increase > kHuge)) {
      before = std::min(before, sampled * (ends.first / increase));
    }
  }
  return (sampled + before + after) / sampled;
}

}  // namespace tidemark::promql
