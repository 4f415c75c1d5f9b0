#include "promql/functions/rate.h"

#include <algorithm>

#include "promql/functions/counter_resets.h"
#include "promql/functions/start_timestamps.h"

namespace tidemark::promql {
namespace {

enum class Kind { kRate, kIncrease, kDelta };

double Seconds(DurationMs d) { return static_cast<double>(d) / 1000; }

// What a window's result is made of.
struct Ends {
  TimestampMs first_time, last_time;
  double first;
  size_t count;  // of samples, at least 2
};

constexpr double kHuge = 1e290;  // products with it may be infinite

// `increase`, taken further than from the first to the last sample: to the edge of the window where
// the nearest sample is no further from it than samples usually are from each other, else half such
// a gap. A counter is not taken back beyond where it was zero. Divided by `per`.
// Source: Prometheus, extrapolatedRate; the comparisons are multiplied out, so that two divisions
// are left, which are done as there: results agree to the last bit.
template <bool counter>
inline double Extrapolate(const Ends& ends, const RangeWindow& window, double increase,
                          double per) {
  const double sampled = static_cast<double>(ends.last_time - ends.first_time);
  const double num_gaps = static_cast<double>(ends.count - 1);
  double before = static_cast<double>(ends.first_time - window.after);
  double after = static_cast<double>(window.through - ends.last_time);
  const double near = sampled * 1.1;  // of so many gaps together
  double covered = sampled;
  if (before * num_gaps >= near) before = sampled / num_gaps / 2;
  if (after * num_gaps >= near) after = sampled / num_gaps / 2;
  if constexpr (counter) {
    if (increase > 0 && ends.first >= 0 &&
        (before * increase > sampled * ends.first || increase > kHuge)) {
      before = std::min(before, sampled * (ends.first / increase));
    }
  }
  covered += before + after;
  return increase * (covered / sampled / per);
}

template <Kind kind>
constexpr bool IsCounter() {
  return kind != Kind::kDelta;
}

// What Extrapolate divides by: a rate is by the second.
template <Kind kind>
double Per(const RangeWindows& windows) {
  return kind == Kind::kRate ? Seconds(windows.range) : 1;
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
  const TimestampMs* const times = series.samples.timestamps.data();
  const double* const values = series.samples.values.data();
  const double per = Per<kind>(series.windows);
  CounterResets resets(series.samples, IsCounter<kind>() ? CounterResets::By::kValueOrStart
                                                         : CounterResets::By::kNothing);
  const auto visit = [&](size_t step, const RangeWindow& window, size_t begin, size_t end) {
    const bool from_start = IsCounter<kind>() && BeginsInWindow(series.samples, begin, window);
    if (end - begin < 2 && !from_start) return;
    const double increase = resets.Correct(values[end - 1] - values[begin], begin, end);
    if (from_start) {
      const double factor = FactorFromStart(series.samples, begin, end, window);
      return out.Set(step, (increase + values[begin]) * (factor / per));
    }
    const Ends ends{times[begin], times[end - 1], values[begin], end - begin};
    out.Set(step, Extrapolate<IsCounter<kind>()>(ends, window, increase, per));
  };
  ForEachWindowOf(series, visit);
}

template <Kind kind>
std::optional<double> OfTotals(const WindowTotals& totals, const RangeWindows& windows) {
  if (totals.count < 2) return std::nullopt;
  double increase = totals.last - totals.first;
  if constexpr (IsCounter<kind>()) {
    increase += totals.lost_by_resets;
    if (!totals.ResetsAreExact(increase)) return std::nullopt;
  }
  const Ends ends{totals.first_time, totals.last_time, totals.first, totals.count};
  return Extrapolate<IsCounter<kind>()>(ends, windows[0], increase, Per<kind>(windows));
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
