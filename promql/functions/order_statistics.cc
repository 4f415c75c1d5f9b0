#include "promql/functions/order_statistics.h"

#include <cmath>

#include "promql/functions/quantile.h"
#include "promql/functions/sliding_window.h"

namespace tidemark::promql {
namespace {

// Sets each step that has samples to of(step, a copy of the values).
template <typename Fn>
void SetEach(const WindowedSeries& series, const StepRow& out, Fn of) {
  std::vector<double> values;
  ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
    values.assign(series.samples.values.begin() + static_cast<ptrdiff_t>(begin),
                  series.samples.values.begin() + static_cast<ptrdiff_t>(end));
    out.Set(step, of(step, values));
  });
}

}  // namespace

void QuantileOverTime(const WindowedSeries& series, const StepRow& out) {
  if (WindowsOverlapMuch(series.samples.timestamps, series.windows)) {
    SlidingOrder order(series.samples.values);
    ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
      out.Set(step, order.Find(series.parameters[0][step], begin, end));
    });
    return;
  }
  SetEach(series, out, [&](size_t step, std::vector<double>& values) {
    return Quantile(series.parameters[0][step], values);
  });
}

void MedianAbsoluteDeviation(const WindowedSeries& series, const StepRow& out) {
  SetEach(series, out, [](size_t, std::vector<double>& values) {
    const double median = Quantile(0.5, values);
    for (double& value : values) value = std::abs(value - median);
    return Quantile(0.5, values);
  });
}

}  // namespace tidemark::promql
