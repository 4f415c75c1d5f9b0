#include "promql/functions/rate.h"

#include <algorithm>

#include "promql/functions/counter_resets.h"
#include "promql/functions/start_timestamps.h"

namespace tidemark::promql {
namespace {

enum class Kind { kRate, kIncrease, kDelta };

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

// The same where the series is known to have been zero at its start inside the window: nothing is
// extrapolated to the left, and to the right only where there is a gap to judge by.
double FactorFromStart(const SampleColumns& samples, size_t begin, size_t end,
                       const RangeWindow& window) {
  const TimestampMs last = samples.timestamps[end - 1];
  const size_t gaps = end - begin - 1;
  const double gap =
      gaps == 0 ? 0 : Seconds(last - samples.timestamps[begin]) / static_cast<double>(gaps);
  const double sampled = Seconds(last - samples.start_timestamps[begin]);
  double after = Seconds(window.through - last);
  if (after >= gap * 1.1) after = gap / 2;
  return (sampled + after) / sampled;
}

template <Kind kind>
void Extrapolated(const WindowedSeries& series, const StepRow& out) {
  constexpr bool counter = kind != Kind::kDelta;
  const SampleColumns& samples = series.samples;
  CounterResets resets(samples,
                       counter ? CounterResets::By::kValueOrStart : CounterResets::By::kNothing);
  ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
    const RangeWindow window = series.windows[step];
    const bool from_start = counter && BeginsInWindow(samples, begin, window);
    if (end - begin < 2 && !from_start) return;
    double increase = samples.values[end - 1] - samples.values[begin];
    increase = resets.Correct(increase, begin, end);
    if (from_start) increase += samples.values[begin];
    double factor = from_start
                        ? FactorFromStart(samples, begin, end, window)
                        : ExtrapolationFactor(samples, begin, end, window, increase, counter);
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
      const bool reset = last < previous || BeginsAnew(samples, end - 1);
      const double increase = reset ? last : last - previous;  // a reset starts at zero
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
