#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/model/timestamp.h"
#include "base/model/timestamp_text.h"
#include "http/http_server.h"

// Parameters of API requests, as Prometheus reads them. All errors are InvalidArgument with its
// texts.
namespace tidemark::http {

// `invalid parameter "NAME": REASON`.
absl::Status InvalidParameter(std::string_view name, std::string_view reason);
// The same around an error, whose code stays.
absl::Status InvalidParameter(std::string_view name, const absl::Status& error);

// Seconds since 1970 with decimals, or RFC 3339. `cannot parse "x" to a valid timestamp`.
absl::StatusOr<TimestampMs> ParseTime(std::string_view text);
// Seconds with decimals, or "5m". `cannot parse "x" to a valid duration`.
absl::StatusOr<DurationMs> ParseApiDuration(std::string_view text);

// A time that must be there.
absl::StatusOr<TimestampMs> RequiredTime(const Request& request, std::string_view name);
// A time that may be absent or empty.
absl::StatusOr<TimestampMs> TimeOr(const Request& request, std::string_view name,
                                   TimestampMs otherwise);
// `start` and `end`; all of time where they are absent.
absl::StatusOr<TimeRange> TimeRangeOf(const Request& request);
// `limit`; 0, no limit, where it is absent.
absl::StatusOr<size_t> LimitOf(const Request& request);
// A number of at least 1.
std::optional<int64_t> PositiveInt(std::string_view text);

using Selectors = std::vector<std::vector<LabelMatcher>>;
// Each `match[]`, parsed; a selector that would select everything is an error.
absl::StatusOr<Selectors> SelectorsOf(const Request& request);

}  // namespace tidemark::http
