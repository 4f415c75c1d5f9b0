#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::promql {

// "LINE:COLUMN" of the byte at `offset`, both from 1 and counted in bytes, as Prometheus counts.
// `offset` may be that of the end.
std::string LineAndColumn(std::string_view query, size_t offset);

// InvalidArgument "LINE:COLUMN: parse error: reason".
absl::Status ParseError(std::string_view query, size_t offset, std::string_view reason);

// A character as Prometheus shows it in an error: 'x', '\n', 'é'; `text` begins with it, and where
// that is empty or no UTF-8, the replacement character stands for it.
std::string QuoteCharacter(std::string_view text);

}  // namespace tidemark::promql
