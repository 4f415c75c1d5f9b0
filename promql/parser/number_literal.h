#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// The values of number tokens. The grammar has their shapes, so these say only what a shape cannot.
namespace tidemark::promql {

// `12`, `1_000`, `1.5e3`, `.5`, `0x1f`, `010` (octal, 8), `inf`, `NaN`. InvalidArgument, the reason
// as Prometheus words it, where no double can hold it.
absl::StatusOr<double> ParseNumberLiteral(std::string_view text);

// `1h30m` in seconds. InvalidArgument for wrong order of units and what is too long.
absl::StatusOr<double> ParseDurationLiteral(std::string_view text);

// Why `text`, which begins like a number, is none.
std::string WhyBadNumber(std::string_view text);

}  // namespace tidemark::promql
