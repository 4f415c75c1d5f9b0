#include "base/model/float_format.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace tidemark {
namespace {

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

// A whole number from 2^53 on, where to_chars writes all digits of the double: here zeros follow
// the shortest digits that give it back, as Go prints it (2^64 is 18446744073709552000).
void AppendLargeWhole(double value, std::string* out) {
  char buffer[32];
  const char* end =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, end - buffer);
  const size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(buffer + e + 2, end, exponent);  // its sign is +
  for (const char c : text.substr(0, e)) {
    if (c != '.') out->push_back(c);
    if (c >= '0' && c <= '9') --exponent;
  }
  out->append(exponent + 1, '0');
}

}  // namespace

void AppendFloat(double value, std::string* out) {
  if (std::isnan(value)) {
    out->append("NaN");
    return;
  }
  if (std::isinf(value)) {
    out->append(value > 0 ? "+Inf" : "-Inf");
    return;
  }
  const double magnitude = std::abs(value);
  if (magnitude >= 0x1p53 && magnitude < 1e21) return AppendLargeWhole(value, out);
  const bool exponent = magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21);
  char buffer[400];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof(buffer), value,
                    exponent ? std::chars_format::scientific : std::chars_format::fixed);
  out->append(buffer, end);
}

std::string FormatFloat(double value) {
  std::string text;
  AppendFloat(value, &text);
  return text;
}

std::string FormatFloatG(double value) {
  const double magnitude = std::abs(value);
  if (!std::isfinite(value) || value == 0) return FormatFloat(value);
  const bool exponent = magnitude < 1e-4 || magnitude >= 1e6;
  char buffer[64];
  const auto result =
      std::to_chars(buffer, buffer + sizeof(buffer), value,
                    exponent ? std::chars_format::scientific : std::chars_format::fixed);
  return std::string(buffer, result.ptr);
}

std::string FormatBound(double value) {
  if (value == 0) return "0.0";  // of either sign
  std::string text = FormatFloatG(value);
  if (std::isfinite(value) && text.find_first_of("e.") == std::string::npos) text.append(".0");
  return text;
}

std::optional<double> ParseFloat(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || text[0] == '+' || text[0] == '-') return std::nullopt;
  const auto with_sign = [negative](double v) { return negative ? -v : v; };

  if (EqualsIgnoringCase(text, "inf") || EqualsIgnoringCase(text, "infinity")) {
    return with_sign(std::numeric_limits<double>::infinity());
  }
  if (EqualsIgnoringCase(text, "nan")) return std::numeric_limits<double>::quiet_NaN();

  auto format = std::chars_format::general;
  if (text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    text.remove_prefix(2);
    // Go wants the exponent to be there.
    if (text.find_first_of("pP") == std::string_view::npos) return std::nullopt;
    format = std::chars_format::hex;
  }
  const char first = text[0];
  if (first != '.' && !(first >= '0' && first <= '9') && format != std::chars_format::hex) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, format);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // from_chars does not say which end of the range; the exponent's sign does.
    const size_t e = text.find_first_of(format == std::chars_format::hex ? "pP" : "eE");
    const bool tiny = e != std::string_view::npos ? text.find('-', e) != std::string_view::npos
                                                  : text.starts_with("0.") || text.starts_with(".");
    return with_sign(tiny ? 0.0 : std::numeric_limits<double>::infinity());
  }
  if (error != std::errc()) return std::nullopt;
  return with_sign(value);
}

}  // namespace tidemark
