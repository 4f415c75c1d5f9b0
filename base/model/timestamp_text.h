#pragma once

#include <optional>
#include <string_view>

#include "base/model/timestamp.h"

namespace tidemark {

// The earliest and latest time that Prometheus's API takes; what is beyond is taken as these.
inline constexpr TimestampMs kMinApiTime = -9'223'309'901'257'974'000;
inline constexpr TimestampMs kMaxApiTime = -kMinApiTime;

// A time as Prometheus's API, command lines and test files give it: seconds since 1970 with
// decimals, or RFC 3339 with a zone. nullopt for anything else.
std::optional<TimestampMs> ParseTimestamp(std::string_view text);

}  // namespace tidemark
