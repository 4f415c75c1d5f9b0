#include "base/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace tidemark {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<uint64_t> ParseDigits(std::string_view digits, int base) {
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

// An integer without its sign.
std::optional<uint64_t> ParseMagnitude(std::string_view text) {
  if (text.size() > 2 && text[0] == '0') {
    const char kind = text[1];
    if (kind == 'x' || kind == 'X') return ParseDigits(text.substr(2), 16);
    if (kind == 'o') return ParseDigits(text.substr(2), 8);
    if (kind == 'b') return ParseDigits(text.substr(2), 2);
  }
  if (text.size() > 1 && text[0] == '0') return ParseDigits(text.substr(1), 8);
  return ParseDigits(text, 10);
}

bool ConsumeSign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

std::optional<double> ParseDecimal(std::string_view text) {
  if (text.empty() || !(IsDigit(text[0]) || text[0] == '.')) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<bool> ParseYamlBool(std::string_view text) {
  if (IsOneOf(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"})) {
    return true;
  }
  if (IsOneOf(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"})) {
    return false;
  }
  return std::nullopt;
}

std::optional<int64_t> ParseYamlInt(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '_');
  std::string_view rest = digits;
  const bool negative = ConsumeSign(rest);
  if (const std::optional<uint64_t> magnitude = ParseMagnitude(rest)) {
    const uint64_t limit = uint64_t{1} << 63;
    if (*magnitude > limit || (*magnitude == limit && !negative)) return std::nullopt;
    return static_cast<int64_t>(negative ? 0 - *magnitude : *magnitude);
  }
  const std::optional<double> real = ParseDecimal(rest);
  // Below 2^53 every whole double is the integer that was written.
  if (!real || *real != std::floor(*real) || *real > 0x1p53) return std::nullopt;
  return static_cast<int64_t>(negative ? -*real : *real);
}

std::optional<double> ParseYamlDouble(std::string_view text) {
  if (const std::optional<int64_t> integer = ParseYamlInt(text)) {
    return static_cast<double>(*integer);
  }
  if (IsOneOf(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  const bool negative = ConsumeSign(text);
  std::optional<double> value = ParseDecimal(text);
  if (IsOneOf(text, {".inf", ".Inf", ".INF"})) value = std::numeric_limits<double>::infinity();
  if (!value) return std::nullopt;
  return negative ? -*value : *value;
}

std::optional<uint64_t> ParseByteSize(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  constexpr std::string_view kPrefixes = "KMGTPE";
  double total = 0;
  while (!text.empty()) {
    size_t length = 0;
    while (length < text.size() && (IsDigit(text[length]) || text[length] == '.')) ++length;
    const std::optional<double> number = ParseDecimal(text.substr(0, length));
    if (!number) return std::nullopt;
    text.remove_prefix(length);

    double unit = 1;
    if (!text.empty() && kPrefixes.find(text[0]) != std::string_view::npos) {
      unit = std::exp2(10.0 * static_cast<double>(kPrefixes.find(text[0]) + 1));
      text.remove_prefix(text.size() > 1 && text[1] == 'i' ? 2 : 1);
    }
    if (!text.starts_with('B')) return std::nullopt;
    text.remove_prefix(1);
    total += *number * unit;
  }
  if (total >= 0x1p63) return std::nullopt;
  return static_cast<uint64_t>(total);
}

}  // namespace tidemark
