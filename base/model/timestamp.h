#pragma once

#include <cstdint>
#include <limits>

namespace tidemark {

using TimestampMs = int64_t;  // milliseconds since the Unix epoch, UTC; negative before it
using DurationMs = int64_t;   // milliseconds

inline constexpr TimestampMs kMinTimestamp = std::numeric_limits<TimestampMs>::min();
inline constexpr TimestampMs kMaxTimestamp = std::numeric_limits<TimestampMs>::max();

inline constexpr DurationMs kSecond = 1000;
inline constexpr DurationMs kMinute = 60 * kSecond;
inline constexpr DurationMs kHour = 60 * kMinute;
inline constexpr DurationMs kDay = 24 * kHour;

// Sums that stay at the end of the range instead of wrapping: for times that come from outside.
constexpr TimestampMs SaturatingAdd(TimestampMs t, DurationMs d) {
  TimestampMs sum = 0;
  if (!__builtin_add_overflow(t, d, &sum)) return sum;
  return d > 0 ? kMaxTimestamp : kMinTimestamp;
}
constexpr TimestampMs SaturatingSubtract(TimestampMs t, DurationMs d) {
  TimestampMs difference = 0;
  if (!__builtin_sub_overflow(t, d, &difference)) return difference;
  return d < 0 ? kMaxTimestamp : kMinTimestamp;
}

// A span of time with both ends in it: what storage is asked for.
struct TimeRange {
  TimestampMs min = kMinTimestamp, max = kMaxTimestamp;
  constexpr bool Contains(TimestampMs t) const { return min <= t && t <= max; }
  constexpr bool Overlaps(const TimeRange& other) const {
    return min <= other.max && other.min <= max;
  }
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

}  // namespace tidemark
