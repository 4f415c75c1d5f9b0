#include "alerting/template/template_literal.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

absl::Status BadNumber(std::string_view text) {
  return absl::InvalidArgumentError(StrCat("bad number syntax: \"", text, "\""));
}

// The digits of an integer without sign and prefix, and their base.
std::pair<std::string_view, int> SplitBase(std::string_view digits) {
  if (digits.size() > 1 && digits[0] == '0') {
    switch (digits[1] | 0x20) {
      case 'x':
        return {digits.substr(2), 16};
      case 'o':
        return {digits.substr(2), 8};
      case 'b':
        return {digits.substr(2), 2};
      default:
        return {digits.substr(1), 8};
    }
  }
  return {digits, 10};
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto [digits, base] = SplitBase(text);
  uint64_t magnitude = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, magnitude, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  const uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  if (magnitude > limit) return std::nullopt;
  return static_cast<int64_t>(negative ? ~magnitude + 1 : magnitude);
}

void AppendCharacter(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
    return;
  }
  const int continuations = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr uint32_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out->push_back(static_cast<char>(kLead[continuations] | (c >> (6 * continuations))));
  for (int i = continuations - 1; i >= 0; --i) {
    out->push_back(static_cast<char>(0x80 | ((c >> (6 * i)) & 0x3F)));
  }
}

// `count` digits of a base off the front of `rest`.
std::optional<uint32_t> ConsumeCode(std::string_view& rest, size_t count, int base) {
  if (rest.size() < count) return std::nullopt;
  uint32_t code = 0;
  const char* const end = rest.data() + count;
  const auto [stop, error] = std::from_chars(rest.data(), end, code, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  rest.remove_prefix(count);
  return code;
}

// Appends what the escape at the front of `rest`, behind its backslash, stands for. False where it
// is none.
bool ConsumeEscape(std::string_view& rest, char quote, std::string* out) {
  constexpr std::string_view kNames = "abfnrtv\\";
  constexpr std::string_view kBytes = "\a\b\f\n\r\t\v\\";
  if (rest.empty()) return false;
  const char c = rest.front();
  if (const size_t i = kNames.find(c); i != std::string_view::npos || c == quote) {
    out->push_back(c == quote ? quote : kBytes[i]);
    rest.remove_prefix(1);
    return true;
  }
  if (c >= '0' && c <= '7') {
    const auto code = ConsumeCode(rest, 3, 8);
    if (!code || *code > 255) return false;
    out->push_back(static_cast<char>(*code));
    return true;
  }
  rest.remove_prefix(1);
  if (c == 'x') {
    const auto code = ConsumeCode(rest, 2, 16);
    if (code) out->push_back(static_cast<char>(*code));
    return code.has_value();
  }
  if (c != 'u' && c != 'U') return false;
  const auto code = ConsumeCode(rest, c == 'u' ? 4 : 8, 16);
  if (!code || *code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000)) return false;
  AppendCharacter(*code, out);
  return true;
}

// The number of the one UTF-8 character in `text`; nullopt where there is none or more.
std::optional<int64_t> OnlyCharacter(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() != length) return std::nullopt;
  int64_t code = length == 1 ? lead : lead & (0xFF >> (length + 1));
  for (const char c : text.substr(1)) code = (code << 6) | (static_cast<unsigned char>(c) & 0x3F);
  return code;
}

}  // namespace

absl::StatusOr<TemplateValue> ParseGoNumber(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '_');
  const bool hexadecimal = digits.find_first_of("xX") != std::string::npos;
  const bool is_float = digits.find_first_of(hexadecimal ? ".pP" : ".eE") != std::string::npos;
  if (!is_float) {
    const std::optional<int64_t> integer = ParseInteger(digits);
    if (!integer) return BadNumber(text);
    return TemplateValue::Int(*integer);
  }
  const std::optional<double> number = ParseFloat(digits);
  if (!number) return BadNumber(text);
  return TemplateValue::Float(*number);
}

absl::StatusOr<TemplateValue> UnquoteGoLiteral(std::string_view text) {
  const char quote = text.front();
  std::string_view rest = text.substr(1, text.size() - 2);
  if (quote == '`') {
    std::string raw(rest);
    std::erase(raw, '\r');
    return TemplateValue::String(std::move(raw));
  }
  std::string value;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\') {
      value.push_back(c);
    } else if (!ConsumeEscape(rest, quote, &value)) {
      return absl::InvalidArgumentError(StrCat("invalid syntax in ", text));
    }
  }
  if (quote == '"') return TemplateValue::String(std::move(value));
  const std::optional<int64_t> character = OnlyCharacter(value);
  if (!character) {
    return absl::InvalidArgumentError(StrCat("malformed character constant: ", text));
  }
  return TemplateValue::Int(*character);
}

}  // namespace tidemark::alerting
