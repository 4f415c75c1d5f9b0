#include "promql/functions/extended_rate.h"

#include "promql/functions/counter_resets.h"
#include "promql/functions/extended_windows.h"

namespace tidemark::promql {
namespace {

enum class Kind { kRate, kIncrease, kDelta };

// The increase from `left` at the start of the window to `right` at its end, with [begin, end) the
// samples between them.
double CounterIncrease(const std::vector<double>& values, size_t begin, size_t end, double left,
                       double right, CounterResets& resets) {
  double increase = right - left;
  if (begin == end) return right < left ? increase + left : increase;
  if (values[begin] < left) increase += left;
  if (right < values[end - 1]) increase += values[end - 1];
  return resets.Correct(increase, begin, end);
}

template <Kind kind>
void Extended(const WindowedSeries& series, const StepRow& out, bool smoothed) {
  constexpr bool counter = kind != Kind::kDelta;
  const SampleColumns& samples = series.samples;
  // As in Prometheus, start timestamps do not matter here.
  CounterResets resets(samples, counter ? CounterResets::By::kValue : CounterResets::By::kNothing);
  const auto evaluate = [&](size_t step, size_t begin, size_t end) {
    const RangeWindow window = series.windows[step];
    const TimestampMs first = samples.timestamps[begin], last = samples.timestamps[end - 1];
    const double left = smoothed && first < window.after
                            ? Interpolate(samples, begin, window.after, counter)
                            : samples.values[begin];
    const double right = smoothed && last > window.through
                             ? Interpolate(samples, end - 2, window.through, counter)
                             : samples.values[end - 1];
    double result = right - left;
    if constexpr (counter) {
      result = CounterIncrease(samples.values, first <= window.after ? begin + 1 : begin,
                               last >= window.through ? end - 1 : end, left, right, resets);
    }
    if constexpr (kind == Kind::kRate) result /= static_cast<double>(series.windows.range) / 1000;
    out.Set(step, result);
  };
  if (smoothed) {
    ForEachSmoothedWindow(samples.timestamps, series.windows, evaluate);
  } else {
    ForEachAnchoredWindow(samples.timestamps, series.windows, evaluate);
  }
}

}  // namespace

void AnchoredRate(const WindowedSeries& series, const StepRow& out) {
  Extended<Kind::kRate>(series, out, /*smoothed=*/false);
}
void AnchoredIncrease(const WindowedSeries& series, const StepRow& out) {
  Extended<Kind::kIncrease>(series, out, /*smoothed=*/false);
}
void AnchoredDelta(const WindowedSeries& series, const StepRow& out) {
  Extended<Kind::kDelta>(series, out, /*smoothed=*/false);
}
void SmoothedRate(const WindowedSeries& series, const StepRow& out) {
  Extended<Kind::kRate>(series, out, /*smoothed=*/true);
}
void SmoothedIncrease(const WindowedSeries& series, const StepRow& out) {
  Extended<Kind::kIncrease>(series, out, /*smoothed=*/true);
}
void SmoothedDelta(const WindowedSeries& series, const StepRow& out) {
  Extended<Kind::kDelta>(series, out, /*smoothed=*/true);
}

}  // namespace tidemark::promql
