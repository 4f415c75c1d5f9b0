#include "promql/functions/changes.h"

#include <cmath>

namespace tidemark::promql {
namespace {

// The number of neighbours in a window for which happened(previous, current).
template <typename Fn>
void CountPairs(const WindowedSeries& series, const StepRow& out, Fn happened) {
  const std::vector<double>& values = series.samples.values;
  size_t first = 0, last = 0;  // pairs ending at indexes (first, last] are counted
  size_t count = 0;
  ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
    for (; last + 1 < end; ++last) count += happened(values[last], values[last + 1]) ? 1 : 0;
    for (; first < begin; ++first) count -= happened(values[first], values[first + 1]) ? 1 : 0;
    out.Set(step, static_cast<double>(count));
  });
}

}  // namespace

void Changes(const WindowedSeries& series, const StepRow& out) {
  CountPairs(series, out, [](double previous, double current) {
    return previous != current && !(std::isnan(previous) && std::isnan(current));
  });
}

void Resets(const WindowedSeries& series, const StepRow& out) {
  CountPairs(series, out, [](double previous, double current) { return current < previous; });
}

}  // namespace tidemark::promql
