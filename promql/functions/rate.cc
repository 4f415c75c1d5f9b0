#include "promql/functions/rate.h"

#include <algorithm>
#include <vector>

namespace tidemark::promql {
namespace {

enum class Kind { kRate, kIncrease, kDelta };

// Where a counter fell, by ascending index: values[index] < values[index - 1]. Found once for a
// series; windows then only add up the few that lie inside them.
class CounterResets {
 public:
  // `values` outlives this. Of a gauge nothing is a reset.
  CounterResets(const std::vector<double>& values, bool counter) : values_(values) {
    for (size_t i = 1; counter && i < values.size(); ++i) {
      if (values[i] < values[i - 1]) indexes_.push_back(i);
    }
  }

  // `increase` plus the values lost by resets after `begin` and before `end`. Windows come in
  // order.
  double Correct(double increase, size_t begin, size_t end) {
    while (first_ < indexes_.size() && indexes_[first_] <= begin) ++first_;
    for (size_t i = first_; i < indexes_.size() && indexes_[i] < end; ++i) {
      increase += values_[indexes_[i] - 1];
    }
    return increase;
  }

 private:
  const std::vector<double>& values_;
  std::vector<size_t> indexes_;
  size_t first_ = 0;  // the first reset that a window to come may hold
};

double Seconds(DurationMs d) { return static_cast<double>(d) / 1000; }

// How much further than from its first to its last sample a series is taken to go on: to the edge
// of the window where the nearest sample is no further from it than samples usually are from each
// other, else half such a gap. A counter is not taken back beyond where it was zero.
// Source: Prometheus, extrapolatedRate.
double ExtrapolationFactor(const SampleColumns& samples, size_t begin, size_t end,
                           const RangeWindow& window, double increase, bool counter) {
  const double sampled = Seconds(samples.timestamps[end - 1] - samples.timestamps[begin]);
  const double gap = sampled / static_cast<double>(end - begin - 1);
  const double near = gap * 1.1;
  double before = Seconds(samples.timestamps[begin] - window.after);
  double after = Seconds(window.through - samples.timestamps[end - 1]);
  if (before >= near) before = gap / 2;
  if (counter && increase > 0 && samples.values[begin] >= 0) {
    before = std::min(before, sampled * (samples.values[begin] / increase));
  }
  if (after >= near) after = gap / 2;
  return (sampled + before + after) / sampled;
}

template <Kind kind>
void Extrapolated(const WindowedSeries& series, const StepRow& out) {
  constexpr bool counter = kind != Kind::kDelta;
  const SampleColumns& samples = series.samples;
  CounterResets resets(samples.values, counter);
  ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
    if (end - begin < 2) return;
    double increase = samples.values[end - 1] - samples.values[begin];
    increase = resets.Correct(increase, begin, end);
    double factor =
        ExtrapolationFactor(samples, begin, end, series.windows[step], increase, counter);
    if constexpr (kind == Kind::kRate) factor /= Seconds(series.windows.range);
    out.Set(step, increase * factor);
  });
}

template <bool per_second>
void LastTwo(const WindowedSeries& series, const StepRow& out) {
  const SampleColumns& samples = series.samples;
  ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
    if (end - begin < 2) return;
    const double last = samples.values[end - 1], previous = samples.values[end - 2];
    if constexpr (per_second) {
      const double increase = last < previous ? last : last - previous;  // a reset starts at zero
      out.Set(step, increase / Seconds(samples.timestamps[end - 1] - samples.timestamps[end - 2]));
    } else {
      out.Set(step, last - previous);
    }
  });
}

}  // namespace

void Rate(const WindowedSeries& series, const StepRow& out) {
  Extrapolated<Kind::kRate>(series, out);
}
void Increase(const WindowedSeries& series, const StepRow& out) {
  Extrapolated<Kind::kIncrease>(series, out);
}
void Delta(const WindowedSeries& series, const StepRow& out) {
  Extrapolated<Kind::kDelta>(series, out);
}
void InstantRate(const WindowedSeries& series, const StepRow& out) { LastTwo<true>(series, out); }
void InstantDelta(const WindowedSeries& series, const StepRow& out) { LastTwo<false>(series, out); }

}  // namespace tidemark::promql
