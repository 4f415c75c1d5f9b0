#include "promql/functions/double_exponential_smoothing.h"

#include <cmath>
#include <string>

#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

absl::Status CheckFactor(double factor, std::string_view what, std::string_view short_name) {
  if (factor > 0 && factor < 1) return absl::OkStatus();
  const std::string got = std::isfinite(factor) ? std::to_string(factor) : FormatFloat(factor);
  return absl::FailedPreconditionError(
      StrCat("invalid ", what, " factor. Expected: 0 < ", short_name, " < 1, got: ", got));
}

}  // namespace

void DoubleExponentialSmoothing(const WindowedSeries& series, const StepRow& out) {
  const std::vector<double>& values = series.samples.values;
  ForEachWindow(series.samples, series.windows, [&](size_t step, size_t begin, size_t end) {
    if (end - begin < 2) return;
    const double smoothing = series.parameters[0][step], trending = series.parameters[1][step];
    double level = values[begin], trend = values[begin + 1] - values[begin];
    for (size_t i = begin + 1; i < end; ++i) {
      const double before = level;
      level = smoothing * values[i] + (1 - smoothing) * (level + trend);
      trend = trending * (level - before) + (1 - trending) * trend;
    }
    out.Set(step, level);
  });
}

absl::Status CheckSmoothingFactors(std::span<const std::vector<double>> parameters, size_t step) {
  RETURN_IF_ERROR(CheckFactor(parameters[0][step], "smoothing", "sf"));
  return CheckFactor(parameters[1][step], "trend", "tf");
}

}  // namespace tidemark::promql
