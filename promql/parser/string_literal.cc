#include "promql/parser/string_literal.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/str_format.h"

#include "base/labels/label_set.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/parser/parse_error.h"

namespace tidemark::promql {
namespace {

constexpr uint32_t kLargestCodePoint = 0x10FFFF;

void AppendUtf8(uint32_t code_point, std::string* out) {
  const auto continuation = [&](int shift) {
    out->push_back(static_cast<char>(0x80 | ((code_point >> shift) & 0x3f)));
  };
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out->push_back(static_cast<char>(0xc0 | (code_point >> 6)));
    continuation(0);
  } else if (code_point < 0x10000) {
    out->push_back(static_cast<char>(0xe0 | (code_point >> 12)));
    continuation(6);
    continuation(0);
  } else {
    out->push_back(static_cast<char>(0xf0 | (code_point >> 18)));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

// "U+0071 'q'"; only the first byte's code point is looked at beyond ASCII by its quoted form.
std::string NameCharacter(std::string_view text) {
  uint32_t code_point = static_cast<unsigned char>(text[0]);
  if (code_point >= 0x80) {
    const size_t length = code_point >= 0xf0 ? 4 : code_point >= 0xe0 ? 3 : 2;
    if (code_point < 0xc0 || text.size() < length || !IsValidUtf8(text.substr(0, length))) {
      code_point = 0xfffd;
    } else {
      code_point &= 0x7fU >> length;
      for (const char c : text.substr(1, length - 1)) {
        code_point = code_point << 6 | (static_cast<unsigned char>(c) & 0x3fU);
      }
    }
  }
  if (code_point < 0x20 || code_point == 0x7f) return absl::StrFormat("U+%04X", code_point);
  std::string character;
  AppendUtf8(code_point, &character);
  return absl::StrFormat("U+%04X '%s'", code_point, character);
}

int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return 16;
}

// An escape that gives a code point or a byte as digits.
struct NumericEscape {
  size_t num_digits;
  int base;
  uint32_t largest;
};
std::optional<NumericEscape> NumericEscapeOf(char c) {
  if (c >= '0' && c <= '7') return NumericEscape{3, 8, 255};
  if (c == 'x') return NumericEscape{2, 16, 255};
  if (c == 'u') return NumericEscape{4, 16, kLargestCodePoint};
  if (c == 'U') return NumericEscape{8, 16, kLargestCodePoint};
  return std::nullopt;
}

std::optional<char> SimpleEscape(char c, char quote) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
      return '\\';
    default:
      if (c == quote) return c;
      return std::nullopt;
  }
}

absl::Status Bad(std::string_view reason) { return absl::InvalidArgumentError(ToAbsl(reason)); }

// Reads the digits of `escape` from the front of `rest`.
absl::StatusOr<uint32_t> ReadDigits(const NumericEscape& escape, std::string_view& rest) {
  uint64_t value = 0;
  for (size_t i = 0; i < escape.num_digits; ++i) {
    if (rest.empty()) return Bad("escape sequence not terminated");
    const int digit = DigitValue(rest[0]);
    if (digit >= escape.base) {
      return Bad(StrCat("illegal character ", NameCharacter(rest), " in escape sequence"));
    }
    value = value * static_cast<uint64_t>(escape.base) + static_cast<uint64_t>(digit);
    rest.remove_prefix(1);
  }
  if (value > escape.largest || (value >= 0xD800 && value < 0xE000)) {
    return Bad("escape sequence is an invalid Unicode code point");
  }
  return static_cast<uint32_t>(value);
}

// Decodes the escape whose backslash has just been dropped from `rest`.
absl::Status DecodeEscape(char quote, std::string_view& rest, std::string* out) {
  if (rest.empty()) return Bad("escape sequence not terminated");
  const char c = rest[0];
  if (const std::optional<char> simple = SimpleEscape(c, quote)) {
    out->push_back(*simple);
    rest.remove_prefix(1);
    return absl::OkStatus();
  }
  const std::optional<NumericEscape> numeric = NumericEscapeOf(c);
  if (!numeric) return Bad(StrCat("unknown escape sequence ", NameCharacter(rest)));
  if (numeric->base == 16) rest.remove_prefix(1);  // the digits of an octal escape begin with c
  ASSIGN_OR_RETURN(const uint32_t value, ReadDigits(*numeric, rest));
  if (numeric->largest == 255) {
    out->push_back(static_cast<char>(value));
  } else {
    AppendUtf8(value, out);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ParseStringLiteral(std::string_view text) {
  if (!IsValidUtf8(text)) return Bad("invalid UTF-8 rune");
  const char quote = text[0];
  std::string_view rest = text.substr(1);  // keeps the last quote: no escape may reach over it
  if (quote == '`') return std::string(rest.substr(0, rest.size() - 1));

  std::string value;
  while (rest.size() > 1) {
    const size_t plain = std::min(rest.find('\\'), rest.size() - 1);
    value.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.size() <= 1) break;
    rest.remove_prefix(1);
    RETURN_IF_ERROR(DecodeEscape(quote, rest, &value));
  }
  return value;
}

std::string WhyBadString(std::string_view text) {
  if (text[0] == '`') return "unterminated raw string";
  // A bad escape comes before the missing end.
  std::string value;
  std::string_view rest = text.substr(1);
  while (!rest.empty()) {
    const bool escape = rest[0] == '\\';
    rest.remove_prefix(1);
    if (!escape) continue;
    if (const absl::Status status = DecodeEscape(text[0], rest, &value); !status.ok()) {
      return std::string(ToStd(status.message()));
    }
  }
  return "unterminated quoted string";
}

}  // namespace tidemark::promql
