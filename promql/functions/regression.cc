#include "promql/functions/regression.h"

#include <cmath>

#include "base/model/staleness.h"
#include "promql/functions/compensated_sum.h"

namespace tidemark::promql {
namespace {

struct Line {
  double slope = 0;      // per second
  double intercept = 0;  // at the time that was asked for
};

// Through samples [begin, end), of which there are at least two.
Line FitLine(const SampleColumns& samples, size_t begin, size_t end, TimestampMs intercept_time) {
  const double first = samples.values[begin];
  CompensatedSum sum_x, sum_y, sum_xy, sum_xx;
  bool constant = true;
  for (size_t i = begin; i < end; ++i) {
    const double x = static_cast<double>(samples.timestamps[i] - intercept_time) / 1000;
    const double y = samples.values[i];
    constant = constant && y == first;
    sum_x.Add(x);
    sum_y.Add(y);
    sum_xy.Add(x * y);
    sum_xx.Add(x * x);
  }
  if (constant) return std::isinf(first) ? Line{NormalNan(), NormalNan()} : Line{0, first};
  const double n = static_cast<double>(end - begin);
  const double x = sum_x.Total(), y = sum_y.Total();
  const double covariance = sum_xy.Total() - x * y / n;
  const double variance = sum_xx.Total() - x * x / n;
  const double slope = covariance / variance;
  return {slope, y / n - slope * x / n};
}

}  // namespace

void Derivative(const WindowedSeries& series, const StepRow& out) {
  ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
    if (end - begin < 2) return;
    // Relative to the first sample, so that no large numbers cancel out.
    out.Set(step, FitLine(series.samples, begin, end, series.samples.timestamps[begin]).slope);
  });
}

void PredictLinear(const WindowedSeries& series, const StepRow& out) {
  ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
    if (end - begin < 2) return;
    const TimestampMs now = series.windows.times.step_time(step);
    const Line line = FitLine(series.samples, begin, end, now);
    out.Set(step, line.slope * series.parameters[0][step] + line.intercept);
  });
}

}  // namespace tidemark::promql
