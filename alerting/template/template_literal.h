#pragma once

#include <string_view>

#include "absl/status/statusor.h"

#include "alerting/template/template_value.h"

// Literals as Go writes them.
namespace tidemark::alerting {

// The value of a number: an int (decimal, 0x, 0o, 0b or octal, with `_` between digits) or, where
// it has a point or an exponent, a float64.  InvalidArgument for anything else.
absl::StatusOr<TemplateValue> ParseGoNumber(std::string_view text);

// The value of a quoted literal with its quotes: "..." with escapes and `...` as strings, 'c' as
// the number of its character.  InvalidArgument for a bad escape.
absl::StatusOr<TemplateValue> UnquoteGoLiteral(std::string_view text);

}  // namespace tidemark::alerting
