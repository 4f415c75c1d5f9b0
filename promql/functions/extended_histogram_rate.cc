#include "promql/functions/extended_histogram_rate.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/model/histogram_bounds.h"
#include "base/model/histogram_reset.h"
#include "promql/functions/extended_windows.h"
#include "promql/functions/histogram_interpolation.h"
#include "promql/functions/mixed_windows.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {
namespace {

enum class Kind { kRate, kIncrease, kDelta };

bool IsGauge(CounterResetHint hint) { return hint == CounterResetHint::kGauge; }

// The growth within one window that sees samples [begin, end).
template <Kind kind>
class Growth {
 public:
  Growth(const WindowedSeries& series, size_t begin, size_t end, const RangeWindow& window,
         bool smoothed, RangeNotes& notes)
      : samples_(series.samples.histograms),
        begin_(begin),
        last_(end - 1),
        window_(window),
        smoothed_(smoothed),
        notes_(notes) {}

  // Nullopt, with a note, where exponential and custom buckets mix.
  std::optional<FloatHistogramSample> Find() {
    std::optional<FloatHistogramSample> growth;
    if (!SchemasMix()) growth = FindUnmixed();
    if (!growth) notes_.mixed_schemas = true;
    return growth;
  }

 private:
  static constexpr bool kCounter = kind != Kind::kDelta;

  bool SchemasMix() const {
    bool mix = false;
    for (size_t i = begin_; i <= last_; ++i) {
      mix |= HasCustomBuckets(*samples_[i].layout) != HasCustomBuckets(*samples_[begin_].layout);
      if (kCounter) notes_.not_a_counter |= IsGauge(samples_[i].counter_reset_hint);
    }
    return mix;
  }

  bool BeginsBefore() const { return smoothed_ && samples_.timestamps()[begin_] < window_.after; }

  std::optional<FloatHistogramSample> FindUnmixed() {
    const bool ends_after = smoothed_ && samples_.timestamps()[last_] > window_.through;
    const auto left = BeginsBefore()
                          ? InterpolateHistogram(samples_, begin_, window_.after, kCounter, notes_)
                          : ToFloatHistogram(samples_[begin_]);
    const auto right = ends_after
                           ? InterpolateHistogram(samples_, last_ - 1, window_.through, kCounter, notes_)
                           : ToFloatHistogram(samples_[last_]);
    if (!left || !right) return std::nullopt;
    if (!kCounter) {
      notes_.not_a_gauge |=
          !IsGauge(left->counter_reset_hint) || !IsGauge(right->counter_reset_hint);
    }
    FloatHistogramSample growth = *right;
    CombineNotes difference;
    if (!Subtract(ViewOf(*left), growth, difference)) return std::nullopt;
    notes_.reconciled_difference |= difference.bounds_reconciled;
    if (kCounter && !AddResets(ViewOf(*left), ViewOf(*right), growth)) return std::nullopt;
    growth.counter_reset_hint = CounterResetHint::kGauge;
    return growth;
  }

  // What the resets between `left` and `right` took away.
  bool AddResets(const HistogramView& left, const HistogramView& right,
                 FloatHistogramSample& growth) {
    size_t next = begin_ + 1;
    bool first = true;  // `left` comes before `next`, else sample next - 1
    if (BeginsBefore() && IsCounterReset(samples_[next], samples_[begin_])) {
      // The interpolation up to `left` has seen that.
      ++next;
      first = false;
    }
    if (next > last_) return true;
    CombineNotes sum;
    for (; next <= last_; ++next) {
      const bool reset =
          IsCounterReset(next < last_ ? samples_[next] : right, first ? left : samples_[next - 1]);
      if (reset && !Add(first ? left : samples_[next - 1], growth, sum)) return false;
      first = false;
    }
    notes_.reconciled_sum |= sum.bounds_reconciled;
    return true;
  }

  const HistogramColumns& samples_;
  const size_t begin_, last_;
  const RangeWindow window_;
  const bool smoothed_;
  RangeNotes& notes_;
};

// Whether both kinds of samples are within reach of each window.
std::vector<bool> FindMixedWindows(const WindowedSeries& series, const StepRow& out,
                                   RangeNotes& notes) {
  std::vector<bool> mixed(series.windows.size());
  WindowCursor floats(series.samples.timestamps);
  WindowCursor histograms(series.samples.histograms.timestamps());
  for (size_t step = 0; step < mixed.size(); ++step) {
    RangeWindow window = series.windows[step];
    window.after = SaturatingSubtract(window.after, series.windows.reach_back);
    window.through = SaturatingAdd(window.through, series.windows.reach_ahead);
    floats.MoveTo(window);
    histograms.MoveTo(window);
    if (floats.size() == 0 || histograms.size() == 0) continue;
    mixed[step] = true;
    notes.mixed_kinds = true;
    out.Clear(step);
  }
  return mixed;
}

template <Kind kind>
void Extended(const WindowedSeries& series, const StepRow& out, bool smoothed, RangeNotes& notes) {
  const std::vector<bool> mixed = FindMixedWindows(series, out, notes);
  const auto evaluate = [&](size_t step, size_t begin, size_t end) {
    if (mixed[step]) return;
    std::optional<FloatHistogramSample> growth =
        Growth<kind>(series, begin, end, series.windows[step], smoothed, notes).Find();
    if (!growth) return;
    if (kind == Kind::kRate) Divide(static_cast<double>(series.windows.range) / 1000, *growth);
    Compact(*growth);
    out.SetHistogram(step, std::make_shared<const FloatHistogramSample>(*std::move(growth)));
  };
  const auto times = series.samples.histograms.timestamps();
  if (smoothed) {
    ForEachSmoothedWindow(times, series.windows, evaluate);
  } else {
    ForEachAnchoredWindow(times, series.windows, evaluate);
  }
}

}  // namespace

void AnchoredHistogramRate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Extended<Kind::kRate>(series, out, /*smoothed=*/false, notes);
}
void AnchoredHistogramIncrease(const WindowedSeries& series, const StepRow& out,
                               RangeNotes& notes) {
  Extended<Kind::kIncrease>(series, out, /*smoothed=*/false, notes);
}
void AnchoredHistogramDelta(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Extended<Kind::kDelta>(series, out, /*smoothed=*/false, notes);
}
void SmoothedHistogramRate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Extended<Kind::kRate>(series, out, /*smoothed=*/true, notes);
}
void SmoothedHistogramIncrease(const WindowedSeries& series, const StepRow& out,
                               RangeNotes& notes) {
  Extended<Kind::kIncrease>(series, out, /*smoothed=*/true, notes);
}
void SmoothedHistogramDelta(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Extended<Kind::kDelta>(series, out, /*smoothed=*/true, notes);
}

}  // namespace tidemark::promql
