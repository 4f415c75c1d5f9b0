#include "scrape/expfmt/sample_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/model/float_format.h"
#include "base/model/staleness.h"

namespace tidemark::scrape {
namespace {

constexpr uint64_t kMaxExactMantissa = uint64_t{1} << 53;
constexpr int kMaxDigits = 19;  // all such integers fit 64 bits
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kMaxExactPower = 22;

bool IsDigit(char c) { return static_cast<uint8_t>(c - '0') < 10; }

// Reads digits into `number`, which may wrap where there are more than kMaxDigits.
const char* ReadDigits(const char* at, const char* end, uint64_t* number) {
  for (; at != end && IsDigit(*at); ++at) *number = *number * 10 + static_cast<uint64_t>(*at - '0');
  return at;
}

// `e+09` and the like; `at` is behind the `e`. Null where there is no exponent of at most three
// digits.
const char* ReadExponent(const char* at, const char* end, int* exponent) {
  const bool negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) ++at;
  uint64_t number = 0;
  const char* after = ReadDigits(at, end, &number);
  if (after == at || after - at > 3) return nullptr;
  *exponent += negative ? -static_cast<int>(number) : static_cast<int>(number);
  return after;
}

}  // namespace

bool ReadPlainDecimal(const char*& at, const char* end, double* value) {
  const char* p = at;
  const bool negative = *p == '-';
  if (negative) ++p;

  uint64_t mantissa = 0;
  const char* const first = p;
  p = ReadDigits(p, end, &mantissa);
  auto num_digits = p - first;
  int exponent = 0;
  if (p != end && *p == '.') {
    const char* const fraction = ++p;
    p = ReadDigits(p, end, &mantissa);
    exponent = -static_cast<int>(std::min<std::ptrdiff_t>(p - fraction, 1000));
    num_digits += p - fraction;
  }
  if (num_digits == 0 || num_digits > kMaxDigits) return false;
  if (p != end && (*p == 'e' || *p == 'E')) {
    p = ReadExponent(p + 1, end, &exponent);
    if (p == nullptr) return false;
  }
  if (p != end && *p != '\n' && *p != ' ' && *p != '\t') return false;
  if (mantissa > kMaxExactMantissa || std::abs(exponent) > kMaxExactPower) return false;

  const auto magnitude = static_cast<double>(mantissa);
  const double scaled =
      exponent < 0 ? magnitude / kPowersOfTen[-exponent] : magnitude * kPowersOfTen[exponent];
  *value = negative ? -scaled : scaled;
  at = p;
  return true;
}

absl::StatusOr<double> ParseSampleValue(std::string_view text) {
  if (text.find_first_of("pP_") != std::string_view::npos) {
    return absl::InvalidArgumentError("unsupported character in float");
  }
  const std::optional<double> value = ParseFloat(text);
  if (!value) return absl::InvalidArgumentError("invalid float");
  if (std::isnan(*value)) return NormalNan();
  if (std::isinf(*value) && text.find_first_of("0123456789") != std::string_view::npos) {
    return absl::InvalidArgumentError("float out of range");
  }
  return *value;
}

TimestampMs WholeMilliseconds(double seconds) {
  constexpr double kLimit = 9.2e15;  // whose milliseconds fit 64 bits
  if (std::abs(seconds) < kLimit) return static_cast<TimestampMs>(seconds * kSecond);
  return seconds > 0 ? kMaxTimestamp : kMinTimestamp;
}

std::string NormalizeBound(std::string_view text) {
  const std::optional<double> value = ParseFloat(text);
  if (!value) return std::string(text);
  // Digits too large for a double are no number to Go, so they stay.
  const bool overflow =
      std::isinf(*value) && text.find_first_of("0123456789") != std::string_view::npos;
  return overflow ? std::string(text) : FormatBound(*value);
}

}  // namespace tidemark::scrape
