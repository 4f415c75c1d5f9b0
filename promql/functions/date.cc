#include "promql/functions/date.h"

#include <cmath>
#include <cstdint>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tidemark::promql {
namespace {

absl::CivilSecond CivilTime(double seconds) {
  constexpr double kBound = 9e15;  // whole seconds below are exact
  const double bounded =
      std::isnan(seconds) ? -kBound : std::fmin(std::fmax(seconds, -kBound), kBound);
  return absl::CivilSecond(1970, 1, 1) + static_cast<int64_t>(bounded);
}

}  // namespace

double Year(double seconds) { return static_cast<double>(CivilTime(seconds).year()); }
double Month(double seconds) { return CivilTime(seconds).month(); }
double DayOfMonth(double seconds) { return CivilTime(seconds).day(); }
double DayOfWeek(double seconds) {
  // absl::Weekday starts with Monday at 0.
  return (static_cast<int>(absl::GetWeekday(CivilTime(seconds))) + 1) % 7;
}
double DayOfYear(double seconds) { return absl::GetYearDay(absl::CivilDay(CivilTime(seconds))); }
double DaysInMonth(double seconds) {
  const absl::CivilMonth month(CivilTime(seconds));
  return static_cast<double>(absl::CivilDay(month + 1) - absl::CivilDay(month));
}
double Hour(double seconds) { return CivilTime(seconds).hour(); }
double Minute(double seconds) { return CivilTime(seconds).minute(); }

}  // namespace tidemark::promql
