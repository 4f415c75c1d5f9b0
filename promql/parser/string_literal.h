#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// String tokens: "..", '..' with Go's escapes, `..` without.
namespace tidemark::promql {

// The value of `text`, which is a whole token, quotes included. InvalidArgument, the reason as
// Prometheus words it, for a bad escape or text that is not UTF-8; escapes may make any bytes.
absl::StatusOr<std::string> ParseStringLiteral(std::string_view text);

// Why `text`, which begins with a quote, is no string token: the end is missing, or a bad escape
// hides it.
std::string WhyBadString(std::string_view text);

}  // namespace tidemark::promql
