#include "promql/functions/rate.h"

#include "promql/functions/counter_resets.h"
#include "promql/functions/extrapolation.h"
#include "promql/functions/start_timestamps.h"

namespace tidemark::promql {
namespace {

enum class Kind { kRate, kIncrease, kDelta };

// A rate is divided by the window's `seconds`.
template <Kind kind>
inline double Extrapolate(const WindowEnds& ends, const RangeWindow& window, double increase,
                          double seconds) {
  double factor = ExtrapolationFactor<kind != Kind::kDelta>(ends, window, increase);
  if constexpr (kind == Kind::kRate) factor /= seconds;
  return increase * factor;
}

template <Kind kind>
void Extrapolated(const WindowedSeries& series, const StepRow& out) {
  const TimestampMs* const times = series.samples.timestamps.data();
  const double* const values = series.samples.values.data();
  constexpr bool is_counter = kind != Kind::kDelta;
  const SampleTimes sample_times = SampleTimes::OfFloats(series.samples);
  const double seconds = Seconds(series.windows.range);
  CounterResets resets(series.samples,
                       is_counter ? CounterResets::By::kValueOrStart : CounterResets::By::kNothing);
  const auto visit = [&](size_t step, const RangeWindow& window, size_t begin, size_t end) {
    const bool from_start = is_counter && BeginsInWindow(sample_times, begin, window);
    if (end - begin < 2 && !from_start) return;
    const double increase = resets.Correct(values[end - 1] - values[begin], begin, end);
    if (from_start) {
      double factor = FactorFromStart(sample_times, begin, end, window);
      if constexpr (kind == Kind::kRate) factor /= seconds;
      return out.Set(step, (increase + values[begin]) * factor);
    }
    const WindowEnds ends{times[begin], times[end - 1], values[begin], end - begin};
    out.Set(step, Extrapolate<kind>(ends, window, increase, seconds));
  };
  ForEachWindowOf(series, visit);
}

template <Kind kind>
std::optional<double> OfTotals(const WindowTotals& totals, const RangeWindows& windows) {
  if (totals.count < 2) return std::nullopt;
  double increase = totals.last - totals.first;
  if constexpr (kind != Kind::kDelta) {
    increase += totals.lost_by_resets;
    if (!totals.ResetsAreExact(increase)) return std::nullopt;
  }
  const WindowEnds ends{totals.first_time, totals.last_time, totals.first, totals.count};
  return Extrapolate<kind>(ends, windows[0], increase, Seconds(windows.range));
}

template <bool per_second>
void LastTwo(const WindowedSeries& series, const StepRow& out) {
  const SampleColumns& samples = series.samples;
  const SampleTimes times = SampleTimes::OfFloats(samples);
  ForEachWindow(series, [&](size_t step, size_t begin, size_t end) {
    if (end - begin < 2) return;
    const double last = samples.values[end - 1], previous = samples.values[end - 2];
    if constexpr (per_second) {
      const bool reset = last < previous || BeginsAnew(times, end - 1);
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
std::optional<double> RateOfTotals(const WindowTotals& totals, const RangeWindows& windows) {
  return OfTotals<Kind::kRate>(totals, windows);
}
std::optional<double> IncreaseOfTotals(const WindowTotals& totals, const RangeWindows& windows) {
  return OfTotals<Kind::kIncrease>(totals, windows);
}
std::optional<double> DeltaOfTotals(const WindowTotals& totals, const RangeWindows& windows) {
  return OfTotals<Kind::kDelta>(totals, windows);
}
void InstantRate(const WindowedSeries& series, const StepRow& out) { LastTwo<true>(series, out); }
void InstantDelta(const WindowedSeries& series, const StepRow& out) { LastTwo<false>(series, out); }

}  // namespace tidemark::promql
