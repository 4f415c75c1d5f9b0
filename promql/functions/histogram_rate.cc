#include "promql/functions/histogram_rate.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/model/histogram_reset.h"
#include "promql/functions/extrapolation.h"
#include "promql/functions/histogram_increase.h"
#include "promql/functions/mixed_windows.h"
#include "promql/functions/start_timestamps.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {
namespace {

void Set(const StepRow& out, size_t step, FloatHistogramSample histogram) {
  out.SetHistogram(step, std::make_shared<const FloatHistogramSample>(std::move(histogram)));
}

template <bool counter>
void Extrapolated(const WindowedSeries& series, const StepRow& out, double seconds,
                  RangeNotes& notes) {
  const HistogramColumns& samples = series.samples.histograms;
  const SampleTimes times = SampleTimes::OfHistograms(series.samples);
  HistogramGrowth growths(series.samples, counter);
  const auto visit = [&](size_t step, const RangeWindow& window, const WindowCursor& floats,
                         const WindowCursor& histograms) {
    if (floats.size() > 0) {
      notes.mixed_kinds = true;
      return out.Clear(step);
    }
    const size_t begin = histograms.begin(), end = histograms.end();
    const bool from_zero = counter && BeginsInWindow(times, begin, window);
    if (histograms.size() < 2 && !from_zero) return;
    const std::shared_ptr<FloatHistogramSample> growth = out.SpareHistogram(step);
    if (!growths.Find(begin, end, from_zero, notes, *growth)) return;
    const WindowEnds ends = {histograms.first_time(), histograms.last_time(), samples[begin].count,
                             histograms.size()};
    const double factor = from_zero ? FactorFromStart(times, begin, end, window)
                                    : ExtrapolationFactor<counter>(ends, window, growth->count);
    Multiply(factor / seconds, *growth);
    out.SetHistogram(step, growth);
  };
  ForEachWindowWithHistograms(series, visit);
}

// The two newest histograms of a window, where no float is newer than the older of them.
// mixed: that is the case, and the newest sample or the one before it is a float.
struct LastTwo {
  bool are_histograms = false, mixed = false;
};
LastTwo FindLastTwo(const SampleColumns& samples, const WindowCursor& floats,
                    const WindowCursor& histograms) {
  if (floats.size() + histograms.size() < 2) return {};
  if (floats.size() == 0) return {true, false};
  if (floats.last_time() > histograms.last_time()) {
    const bool both_floats =
        floats.size() > 1 && samples.timestamps[floats.end() - 2] > histograms.last_time();
    return {false, !both_floats};
  }
  const bool both_histograms =
      histograms.size() > 1 &&
      samples.histograms.timestamps()[histograms.end() - 2] > floats.last_time();
  return {both_histograms, !both_histograms};
}

template <bool per_second>
class InstantGrowth {
 public:
  InstantGrowth(const WindowedSeries& series, const StepRow& out, RangeNotes& notes)
      : samples_(series.samples), out_(out), notes_(notes) {}

  void operator()(size_t step, const RangeWindow&, const WindowCursor& floats,
                  const WindowCursor& histograms) {
    const LastTwo last = FindLastTwo(samples_, floats, histograms);
    if (last.mixed) {
      notes_.mixed_kinds = true;
      out_.Clear(step);
    }
    if (last.are_histograms) SetGrowth(step, histograms.end() - 1);
  }

 private:
  // Up to sample `i` from the one before.
  void SetGrowth(size_t step, size_t i) {
    const HistogramView last = samples_.histograms[i], before = samples_.histograms[i - 1];
    constexpr auto kGauge = CounterResetHint::kGauge;
    const bool any_gauge = last.counter_reset_hint == kGauge || before.counter_reset_hint == kGauge;
    const bool both = last.counter_reset_hint == before.counter_reset_hint;
    if (per_second) {
      notes_.not_a_counter |= any_gauge;
    } else {
      notes_.not_a_gauge |= !(any_gauge && both);
    }
    FloatHistogramSample growth = ToFloatHistogram(last);
    const bool reset = per_second && (BeginsAnew(SampleTimes::OfHistograms(samples_), i) ||
                                      IsCounterReset(last, before));
    if (!reset) {
      CombineNotes difference;
      if (!Subtract(before, growth, difference)) {
        notes_.mixed_schemas = true;
        return out_.Clear(step);
      }
      notes_.reconciled_difference |= difference.bounds_reconciled;
    }
    growth.counter_reset_hint = kGauge;
    empty_sides_.Drop(growth);
    if (per_second) {
      const auto times = samples_.histograms.timestamps();
      Divide(Seconds(times[i] - times[i - 1]), growth);
    }
    Set(out_, step, std::move(growth));
  }

  const SampleColumns& samples_;
  const StepRow& out_;
  RangeNotes& notes_;
  EmptySides empty_sides_;
};

}  // namespace

void HistogramRate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Extrapolated<true>(series, out, Seconds(series.windows.range), notes);
}
void HistogramIncrease(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Extrapolated<true>(series, out, 1, notes);
}
void HistogramDelta(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Extrapolated<false>(series, out, 1, notes);
}
void HistogramInstantRate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  ForEachWindowWithHistograms(series, InstantGrowth<true>(series, out, notes));
}
void HistogramInstantDelta(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  ForEachWindowWithHistograms(series, InstantGrowth<false>(series, out, notes));
}

}  // namespace tidemark::promql
