#include "remote/write/send_outcome.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"

#include "base/strings.h"

namespace tidemark::remote {
namespace {

constexpr DurationMs kLongestRetryAfter = kHour;
constexpr size_t kMaxReason = 256;  // receivers often say in the body what is wrong

// Seconds or a date: RFC 9110, section 10.2.3.
DurationMs RetryAfter(std::string_view value, TimestampMs now) {
  DurationMs pause = 0;
  absl::Time when;
  if (uint32_t seconds = 0; absl::SimpleAtoi(ToAbsl(value), &seconds)) {
    pause = DurationMs{seconds} * kSecond;
  } else if (absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", ToAbsl(value), &when, nullptr)) {
    pause = absl::ToUnixMillis(when) - now;
  }
  return std::clamp<DurationMs>(pause, 0, kLongestRetryAfter);
}

uint64_t Written(const HttpResponse& response, std::string_view header) {
  uint64_t count = 0;
  return absl::SimpleAtoi(ToAbsl(response.Header(header)), &count) ? count : 0;
}

}  // namespace

SendOutcome JudgeAnswer(const absl::StatusOr<HttpResponse>& answer, bool retry_on_http_429,
                        TimestampMs now) {
  if (!answer.ok()) {
    return {.kind = SendOutcome::Kind::kRetry, .reason = std::string(answer.status().message())};
  }
  const int status = answer->status;
  if (status / 100 == 2) return {};
  const bool retry = status / 100 == 5 || (status == 429 && retry_on_http_429);
  const std::string_view body = std::string_view(answer->body).substr(0, kMaxReason);
  const std::string_view line = body.substr(0, body.find('\n'));
  return {retry ? SendOutcome::Kind::kRetry : SendOutcome::Kind::kRefused,
          retry ? RetryAfter(answer->Header("retry-after"), now) : 0,
          StrCat("server returned HTTP status ", status, ": ", line),
          Written(*answer, "x-prometheus-remote-write-samples-written"),
          Written(*answer, "x-prometheus-remote-write-histograms-written")};
}

}  // namespace tidemark::remote
