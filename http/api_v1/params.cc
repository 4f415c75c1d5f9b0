#include "http/api_v1/params.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"

#include "base/labels/label_set.h"
#include "base/model/duration.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/selector.h"

namespace tidemark::http {
namespace {

constexpr double kMaxDurationSeconds = 9223372036.854775807;  // of 64-bit nanoseconds

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendQuoted(text, &quoted);
  return quoted;
}

absl::Status BadDuration(std::string_view text, std::string_view more = "") {
  return absl::InvalidArgumentError(
      StrCat("cannot parse ", Quoted(text), " to a valid duration", more));
}

absl::Status AtLeastOneMatcher(const std::vector<LabelMatcher>& matchers) {
  const bool selects_all = std::all_of(matchers.begin(), matchers.end(),
                                       [](const LabelMatcher& m) { return m.Matches(""); });
  return selects_all
             ? absl::InvalidArgumentError("match[] must contain at least one non-empty matcher")
             : absl::OkStatus();
}

}  // namespace

absl::Status InvalidParameter(std::string_view name, std::string_view reason) {
  return absl::InvalidArgumentError(StrCat("invalid parameter ", Quoted(name), ": ", reason));
}

absl::Status InvalidParameter(std::string_view name, const absl::Status& error) {
  return absl::Status(error.code(),
                      StrCat("invalid parameter ", Quoted(name), ": ", error.message()));
}

absl::StatusOr<TimestampMs> ParseTime(std::string_view text) {
  if (const std::optional<TimestampMs> time = ParseTimestamp(text)) return *time;
  return absl::InvalidArgumentError(StrCat("cannot parse ", Quoted(text), " to a valid timestamp"));
}

absl::StatusOr<DurationMs> ParseApiDuration(std::string_view text) {
  if (const std::optional<double> seconds = ParseFloat(text); seconds && !std::isnan(*seconds)) {
    if (std::abs(*seconds) > kMaxDurationSeconds) return BadDuration(text, ". It overflows int64");
    return static_cast<DurationMs>(*seconds * 1000);
  }
  absl::StatusOr<DurationMs> duration = ParseDuration(text);
  if (!duration.ok()) return BadDuration(text);
  return duration;
}

absl::StatusOr<TimestampMs> RequiredTime(const Request& request, std::string_view name) {
  absl::StatusOr<TimestampMs> time = ParseTime(request.Param(name));
  if (!time.ok()) return InvalidParameter(name, time.status());
  return time;
}

absl::StatusOr<TimestampMs> TimeOr(const Request& request, std::string_view name,
                                   TimestampMs otherwise) {
  const std::string_view text = request.Param(name);
  if (text.empty()) return otherwise;
  absl::StatusOr<TimestampMs> time = ParseTime(text);
  if (!time.ok()) {
    return InvalidParameter(
        name, StrCat("invalid time value for '", name, "': ", time.status().message()));
  }
  return time;
}

absl::StatusOr<TimeRange> TimeRangeOf(const Request& request) {
  TimeRange range;
  ASSIGN_OR_RETURN(range.min, TimeOr(request, "start", kMinApiTime));
  ASSIGN_OR_RETURN(range.max, TimeOr(request, "end", kMaxApiTime));
  return range;
}

absl::StatusOr<size_t> LimitOf(const Request& request) {
  const std::string_view text = request.Param("limit");
  int64_t limit = 0;
  if (!text.empty() && !absl::SimpleAtoi(ToAbsl(text), &limit)) {
    return InvalidParameter("limit",
                            StrCat("strconv.Atoi: parsing ", Quoted(text), ": invalid syntax"));
  }
  if (limit < 0) return InvalidParameter("limit", "limit must be non-negative");
  return static_cast<size_t>(limit);
}

std::optional<int64_t> PositiveInt(std::string_view text) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(ToAbsl(text), &value) || value < 1) return std::nullopt;
  return value;
}

absl::StatusOr<Selectors> SelectorsOf(const Request& request) {
  Selectors selectors;
  for (const std::string& text : request.Params("match[]")) {
    ASSIGN_OR_RETURN(std::vector<LabelMatcher> matchers, promql::ParseSeriesSelector(text));
    RETURN_IF_ERROR(AtLeastOneMatcher(matchers));
    selectors.push_back(std::move(matchers));
  }
  return selectors;
}

}  // namespace tidemark::http
