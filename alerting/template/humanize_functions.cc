// Numbers as people read them. Source: Prometheus, template/template.go, and the package
// github.com/prometheus/common/helpers/templates.

#include <cmath>

#include "absl/time/time.h"

#include "alerting/template/go_format.h"
#include "alerting/template/template_function.h"
#include "base/model/duration.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

using Value = TemplateValue;
using Arguments = std::span<const TemplateValue>;
using Result = absl::StatusOr<TemplateValue>;

std::string FourDigits(double number) {
  const Value argument = Value::Float(number);
  return GoSprintf("%.4g", {&argument, 1});
}

bool IsPlain(double number) { return number == 0 || std::isnan(number) || std::isinf(number); }

// `number` divided by `base` until it is below it, and the prefix that says how often.
std::string WithLargePrefix(double number, double base,
                            std::span<const std::string_view> prefixes) {
  std::string_view prefix;
  for (const std::string_view next : prefixes) {
    if (std::abs(number) < base) break;
    prefix = next;
    number /= base;
  }
  return StrCat(FourDigits(number), prefix);
}

std::string WithSmallPrefix(double number) {
  constexpr std::string_view kPrefixes[] = {"m", "u", "n", "p", "f", "a", "z", "y"};
  std::string_view prefix;
  for (const std::string_view next : kPrefixes) {
    if (std::abs(number) >= 1) break;
    prefix = next;
    number *= 1000;
  }
  return StrCat(FourDigits(number), prefix);
}

Result Humanize(Arguments arguments, const TemplateEnvironment&) {
  constexpr std::string_view kPrefixes[] = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
  ASSIGN_OR_RETURN(const double number, NumberArgument(arguments[0]));
  if (IsPlain(number)) return Value::String(FourDigits(number));
  return Value::String(std::abs(number) >= 1 ? WithLargePrefix(number, 1000, kPrefixes)
                                             : WithSmallPrefix(number));
}

Result Humanize1024(Arguments arguments, const TemplateEnvironment&) {
  constexpr std::string_view kPrefixes[] = {"ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"};
  ASSIGN_OR_RETURN(const double number, NumberArgument(arguments[0]));
  if (IsPlain(number) || std::abs(number) <= 1) return Value::String(FourDigits(number));
  return Value::String(WithLargePrefix(number, 1024, kPrefixes));
}

// A minute or more: whole seconds, from the largest unit that is not zero.
std::string LongDuration(uint64_t seconds) {
  const uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  std::string text;
  if (days > 0) StrAppend(&text, days, "d ");
  if (hours > 0) StrAppend(&text, hours % 24, "h ");
  StrAppend(&text, minutes % 60, "m ", seconds % 60, "s");
  return text;
}

Result HumanizeDuration(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const double number, NumberArgument(arguments[0]));
  if (number == 0) return Value::String("0s");
  if (IsPlain(number)) return Value::String(FourDigits(number));
  const double seconds = std::abs(number);
  if (seconds < 1) return Value::String(StrCat(WithSmallPrefix(number), "s"));
  const bool is_long = seconds >= 60 && seconds < 0x1p63;
  return Value::String(
      StrCat(number < 0 ? "-" : "",
             is_long ? LongDuration(static_cast<uint64_t>(seconds)) : FourDigits(seconds) + "s"));
}

Result HumanizePercentage(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const double number, NumberArgument(arguments[0]));
  return Value::String(FourDigits(number * 100) + "%");
}

// "2015-06-23 13:19:44.128 +0000 UTC", as Go prints a time in UTC.
Result HumanizeTimestamp(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const double seconds, NumberArgument(arguments[0]));
  if (std::isnan(seconds) || std::isinf(seconds)) return Value::String(FourDigits(seconds));
  const double nanoseconds = seconds * 1e9;
  if (!(std::abs(nanoseconds) < 0x1p63)) {
    return absl::InvalidArgumentError(
        StrCat(FormatGoFloat(seconds),
               " cannot be represented as a nanoseconds timestamp since it overflows int64"));
  }
  const int64_t milliseconds = static_cast<int64_t>(nanoseconds) / 1'000'000;
  return Value::String(absl::FormatTime("%Y-%m-%d %H:%M:%E*S +0000 UTC",
                                        absl::FromUnixMillis(milliseconds), absl::UTCTimeZone()));
}

Result ParseDurationText(Arguments arguments, const TemplateEnvironment&) {
  const auto text = StringArgument(arguments[0]);
  if (!text.ok()) return text.status();
  const bool negative = text->starts_with('-');
  ASSIGN_OR_RETURN(const DurationMs duration,
                   ParseDuration(std::string_view(*text).substr(negative ? 1 : 0)));
  return Value::Float(static_cast<double>(negative ? -duration : duration) / 1000);
}

Result Now(Arguments, const TemplateEnvironment& environment) {
  return Value::Float(static_cast<double>(environment.now) / 1000);
}

constexpr TemplateFunction kFunctions[] = {
    {"humanize", 1, 1, Humanize},
    {"humanize1024", 1, 1, Humanize1024},
    {"humanizeDuration", 1, 1, HumanizeDuration},
    {"humanizePercentage", 1, 1, HumanizePercentage},
    {"humanizeTimestamp", 1, 1, HumanizeTimestamp},
    {"parseDuration", 1, 1, ParseDurationText},
    {"now", 0, 0, Now},
};

}  // namespace

std::span<const TemplateFunction> HumanizeFunctions() { return kFunctions; }

}  // namespace tidemark::alerting
