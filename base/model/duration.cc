#include "base/model/duration.h"

#include <array>
#include <limits>

#include "absl/strings/str_format.h"

#include "base/strings.h"

namespace tidemark {
namespace {

struct Unit {
  std::string_view name;
  DurationMs length;
  bool only_alone;  // printed only when it divides the whole duration: "7d", never "1w1h"
};
constexpr std::array<Unit, 7> kUnits = {{{"y", 365 * kDay, true},
                                         {"w", 7 * kDay, true},
                                         {"d", kDay, false},
                                         {"h", kHour, false},
                                         {"m", kMinute, false},
                                         {"s", kSecond, false},
                                         {"ms", 1, false}}};
// Prometheus counts in nanoseconds of 64 bits; a file it refuses is refused here.
constexpr DurationMs kLongest = std::numeric_limits<int64_t>::max() / 1'000'000;

absl::Status BadDuration(std::string_view text, std::string_view reason) {
  return absl::InvalidArgumentError(StrCat(reason, ": \"", text, "\""));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Seconds with as many decimals as there are.
std::string Seconds(DurationMs duration) {
  std::string text = absl::StrFormat("%d.%03d", duration / kSecond, duration % kSecond);
  text.resize(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + "s";
}

}  // namespace

absl::StatusOr<DurationMs> ParseDuration(std::string_view text) {
  if (text.empty()) return BadDuration(text, "empty duration string");
  if (text == "0") return 0;

  DurationMs total = 0;
  size_t next_unit = 0;  // units must come in the order of kUnits
  std::string_view rest = text;
  while (!rest.empty()) {
    DurationMs count = 0;
    size_t digits = 0;
    for (; digits < rest.size() && IsDigit(rest[digits]); ++digits) {
      if (__builtin_mul_overflow(count, 10, &count) ||
          __builtin_add_overflow(count, rest[digits] - '0', &count)) {
        return BadDuration(text, "duration out of range");
      }
    }
    size_t letters = digits;
    while (letters < rest.size() && !IsDigit(rest[letters])) ++letters;
    const std::string_view name = rest.substr(digits, letters - digits);
    rest.remove_prefix(letters);

    size_t unit = next_unit;
    while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
    if (digits == 0 || unit == kUnits.size())
      return BadDuration(text, "not a valid duration string");
    next_unit = unit + 1;
    if (__builtin_mul_overflow(count, kUnits[unit].length, &count) ||
        __builtin_add_overflow(total, count, &total) || total > kLongest) {
      return BadDuration(text, "duration out of range");
    }
  }
  return total;
}

std::string FormatDuration(DurationMs duration) {
  if (duration == 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    if (unit.only_alone && duration % unit.length != 0) continue;
    if (const DurationMs count = duration / unit.length; count > 0) {
      StrAppend(&text, count, unit.name);
      duration -= count * unit.length;
    }
  }
  return text;
}

std::string GoDuration(DurationMs duration) {
  if (duration < 0) return "-" + GoDuration(-duration);
  if (duration == 0) return "0s";
  if (duration < kSecond) return StrCat(duration, "ms");
  std::string text;
  if (duration >= kHour) StrAppend(&text, duration / kHour, "h");
  if (duration >= kMinute) StrAppend(&text, duration % kHour / kMinute, "m");
  return text + Seconds(duration % kMinute);
}

}  // namespace tidemark
