#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"

// Numbers of exposition pages.
namespace tidemark::scrape {

// Reads the number that begins at `at`, which is before `end`, and moves `at` behind it, where the
// number is plain decimal, exactly representable in the steps taken here, and followed by a blank,
// a tab, a line feed or `end`. False, and `at` stays, for all else. Nearly every value of a real
// page is read here, in a few nanoseconds. Method: Clinger, "How to read floating point numbers
// accurately", PLDI 1990: a mantissa below 2^53 and a power of ten up to 10^22 are exact, so one
// multiplication or division rounds correctly.
bool ReadPlainDecimal(const char*& at, const char* end, double* value);

// Any number that Prometheus reads: what Go's strconv.ParseFloat takes, less hexadecimal and
// underscores. A NaN comes back with the bits of NormalNan().
//   InvalidArgument  no number, or one beyond the range of a double
absl::StatusOr<double> ParseSampleValue(std::string_view text);

// The millisecond of a time in finite seconds as Prometheus has it, where 64 bits hold it, else the
// first or last one: what is left of a thousand times the double is cut off, so 1.001 s are 1000
// ms.
TimestampMs WholeMilliseconds(double seconds);

// A bucket bound or quantile as OpenMetrics writes it, so that "1", "1.0" and "1e0" name one
// series: "1.0", "0.05", "1e+06", "+Inf". Text that is no number stays as it is.
std::string NormalizeBound(std::string_view text);

}  // namespace tidemark::scrape
