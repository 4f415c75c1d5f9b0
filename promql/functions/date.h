#pragma once

// Parts of the calendar date, UTC, of a time in seconds since the Unix epoch; fractions of a second
// do not count. NaN, infinities and times beyond what 64 bits hold give the date of a clamped time.
namespace tidemark::promql {

double Year(double seconds);
double Month(double seconds);  // January is 1
double DayOfMonth(double seconds);
double DayOfWeek(double seconds);  // Sunday is 0
double DayOfYear(double seconds);
double DaysInMonth(double seconds);
double Hour(double seconds);
double Minute(double seconds);

}  // namespace tidemark::promql
