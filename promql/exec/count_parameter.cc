#include "promql/exec/count_parameter.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

absl::Status OutOfBounds(double k, std::string_view what) {
  return absl::FailedPreconditionError(
      StrCat("Scalar value ", FormatFloatG(k), " ", what, " int64"));
}

}  // namespace

absl::StatusOr<std::vector<size_t>> CountsOf(const std::vector<double>& k) {
  constexpr double kMaxInt64 = 9223372036854775808.0;
  if (std::any_of(k.begin(), k.end(), [](double value) { return std::isnan(value); })) {
    return absl::FailedPreconditionError("Parameter value is NaN");
  }
  const auto [least, greatest] = std::minmax_element(k.begin(), k.end());
  if (*greatest < 1) return std::vector<size_t>(k.size());
  if (*least <= -kMaxInt64) return OutOfBounds(*least, "underflows");
  if (*greatest >= kMaxInt64) return OutOfBounds(*greatest, "overflows");
  std::vector<size_t> counts;
  counts.reserve(k.size());
  for (const double value : k) counts.push_back(value < 1 ? 0 : static_cast<size_t>(value));
  return counts;
}

}  // namespace tidemark::promql
