#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"

// Durations as Prometheus writes them in configuration, rules and queries.
// Source: github.com/prometheus/common, model/time.go.
namespace tidemark {

// "1h30m", "15s", "500ms", "1d", "0": integers with the units y (365 d), w, d, h, m, s, ms, largest
// first, each at most once. InvalidArgument for anything else and for what does not fit 64-bit
// nanoseconds.
absl::StatusOr<DurationMs> ParseDuration(std::string_view text);

// The shortest such text that means the same: 5400000 is "1h30m", 0 is "0s". `duration` is not
// negative.
std::string FormatDuration(DurationMs duration);

// As Go prints a duration: "2h0m0s", "1.5s", "20ms".
std::string GoDuration(DurationMs duration);

}  // namespace tidemark
