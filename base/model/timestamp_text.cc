#include "base/model/timestamp_text.h"

#include <cmath>
#include <string>

#include "absl/time/time.h"

#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark {
namespace {

// What Prometheus itself prints for its earliest and latest time; no calendar of ours has them.
constexpr std::string_view kMinTimeText = "-292273086-05-16T16:47:06Z";
constexpr std::string_view kMaxTimeText = "292277025-08-18T07:12:54.999999999Z";

// RFC 3339 in full: date, time and zone. absl's format would also take "infinite-future".
std::optional<TimestampMs> ParseRfc3339(std::string_view text) {
  absl::Time time;
  std::string error;
  if (text.size() < 20 || text[10] != 'T' || text.find("inf") != std::string_view::npos ||
      !absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &error)) {
    return std::nullopt;
  }
  return absl::ToUnixMillis(time);
}

}  // namespace

std::optional<TimestampMs> ParseTimestamp(std::string_view text) {
  if (const std::optional<double> seconds = ParseFloat(text); seconds && !std::isnan(*seconds)) {
    // Rounded apart from the whole seconds, as Prometheus does: 1.0005 is 1000 ms, not 1001.
    double whole = 0;
    const double fraction = std::modf(*seconds, &whole);
    const double milliseconds = whole * 1000 + std::round(fraction * 1000);
    if (milliseconds <= static_cast<double>(kMinApiTime)) return kMinApiTime;
    if (milliseconds >= static_cast<double>(kMaxApiTime)) return kMaxApiTime;
    return static_cast<TimestampMs>(milliseconds);
  }
  if (text == kMinTimeText) return kMinApiTime;
  if (text == kMaxTimeText) return kMaxApiTime;
  return ParseRfc3339(text);
}

}  // namespace tidemark
