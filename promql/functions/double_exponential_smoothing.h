#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "absl/status/status.h"

#include "promql/functions/range_function.h"

namespace tidemark::promql {

// double_exponential_smoothing(range, smoothing factor, trend factor): Holt's linear method over
// the samples of a window, of which there must be two; their times do not matter.
// C. C. Holt, "Forecasting seasonals and trends by exponentially weighted moving averages", 1957.
void DoubleExponentialSmoothing(const WindowedSeries& series, const StepRow& out);

// FailedPrecondition where a factor is not between 0 and 1, ends left out.
absl::Status CheckSmoothingFactors(std::span<const std::vector<double>> parameters, size_t step);

}  // namespace tidemark::promql
