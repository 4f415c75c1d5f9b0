#include "promql/functions/decimal_digits.h"

#include <charconv>
#include <cmath>

#include "base/model/float_format.h"

namespace tidemark::promql {

// std::to_chars in fixed notation would print all digits of the exact value, so the shortest ones
// come from its scientific notation, d.ddde+dd, and the point is moved here.
std::string DecimalDigits(double value) {
  if (!std::isfinite(value)) return FormatFloat(value);
  char buffer[32];
  const char* const end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific)
          .ptr;
  std::string digits(1, buffer[0]);
  const char* at = buffer + 1;
  if (*at == '.') {
    for (++at; *at != 'e'; ++at) digits.push_back(*at);
  }
  ++at;  // 'e'
  int exponent = 0;
  std::from_chars(*at == '+' ? at + 1 : at, end, exponent);

  const auto length = static_cast<int>(digits.size());
  if (exponent < 0) {
    digits.insert(0, static_cast<size_t>(-exponent), '0');
    digits.insert(1, ".");
  } else if (exponent + 1 < length) {
    digits.insert(static_cast<size_t>(exponent) + 1, ".");
  } else {
    digits.append(static_cast<size_t>(exponent + 1 - length), '0');
  }
  return std::signbit(value) ? "-" + digits : digits;
}

}  // namespace tidemark::promql
