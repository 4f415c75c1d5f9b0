#include "promql/parser/number_literal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"

#include "base/model/duration.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string WithoutUnderscores(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits.push_back(c);
  }
  return digits;
}

bool IsHex(std::string_view digits) {
  return digits.size() > 1 && digits[0] == '0' && (digits[1] | 0x20) == 'x';
}

// An integer as Go reads it with base 0; nullopt for what is none or does not fit, such as `08`.
std::optional<int64_t> ParseInteger(std::string_view digits) {
  int base = 10;
  if (IsHex(digits)) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits[0] == '0') {
    base = 8;
    digits.remove_prefix(1);
  }
  int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

absl::Status NotANumber(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      StrCat("error parsing number: strconv.ParseFloat: parsing \"", text, "\": ", why));
}

// How much of `text` is read before it cannot be a number: digits, each of `.`, `e` once, and what
// may not stand behind one of them.
size_t WhereNumberGoesWrong(std::string_view text) {
  bool dot = false;
  bool exponent = false;
  size_t i = 0;
  if (IsHex(text)) {
    i = 2;
    while (i < text.size() && (absl::ascii_isxdigit(text[i]) || text[i] == '_')) ++i;
    return i;
  }
  for (; i < text.size(); ++i) {
    const char c = absl::ascii_tolower(text[i]);
    if (IsDigit(c)) continue;
    bool& seen = c == '.' ? dot : exponent;
    if (c != '_' && c != '.' && c != 'e') break;
    if (c != '_' && seen) return i + 1;
    if (c != '_') seen = true;
    if (c == 'e' && i + 1 < text.size() && (text[i + 1] == '+' || text[i + 1] == '-')) ++i;
    const std::string_view bad_next = c == '.' ? "._" : "._eE";
    if (i + 1 < text.size() && bad_next.find(text[i + 1]) != std::string_view::npos) return i + 2;
  }
  return i;
}

}  // namespace

absl::StatusOr<double> ParseNumberLiteral(std::string_view text) {
  const std::string digits = WithoutUnderscores(text);
  if (const std::optional<int64_t> integer = ParseInteger(digits)) {
    return static_cast<double>(*integer);
  }
  if (IsHex(digits)) return NotANumber(text, "invalid syntax");
  const std::optional<double> value = ParseFloat(digits);
  if (!value) return NotANumber(text, "invalid syntax");
  if (std::isinf(*value) && IsDigit(digits[0] == '.' ? digits[1] : digits[0])) {
    return NotANumber(text, "value out of range");
  }
  return *value;
}

absl::StatusOr<double> ParseDurationLiteral(std::string_view text) {
  const absl::StatusOr<DurationMs> duration = ParseDuration(text);
  if (duration.ok()) return static_cast<double>(*duration) / 1000;
  if (ToStd(duration.status().message()).starts_with("duration out of range")) {
    return absl::InvalidArgumentError("duration out of range");
  }
  return duration.status();
}

std::string WhyBadNumber(std::string_view text) {
  const size_t end = WhereNumberGoesWrong(text);
  std::string_view shown = text.substr(0, end);
  constexpr std::string_view kUnits = "smhdwy";
  if (end < text.size() && kUnits.find(text[end]) != std::string_view::npos) {
    if (shown.find('.') != std::string_view::npos) {
      return StrCat("unknown unit \".\" in duration \"", text, "\"");
    }
    shown = text;
  }
  return StrCat("bad number or duration syntax: \"", shown, "\"");
}

}  // namespace tidemark::promql
