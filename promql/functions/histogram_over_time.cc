#include "promql/functions/histogram_over_time.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "promql/functions/mixed_windows.h"
#include "promql/histograms/histogram_sum.h"

namespace tidemark::promql {
namespace {

// Sets each step whose window has histograms alone to what total(accumulator) makes of them.
template <typename Accumulator, typename Fn>
void Accumulate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes, Fn total) {
  const HistogramColumns& samples = series.samples.histograms;
  const auto visit = [&](size_t step, const RangeWindow&, const WindowCursor& floats,
                         const WindowCursor& histograms) {
    if (floats.size() > 0) {
      notes.mixed_kinds = true;
      return out.Clear(step);
    }
    Accumulator accumulator(samples[histograms.begin()]);
    for (size_t i = histograms.begin() + 1; i < histograms.end(); ++i) {
      if (accumulator.Add(samples[i])) continue;
      notes.mixed_schemas = true;
      return;
    }
    notes.conflicting_resets |= accumulator.notes().conflicting_resets;
    notes.reconciled_aggregate |= accumulator.notes().bounds_reconciled;
    out.SetHistogram(step, std::make_shared<const FloatHistogramSample>(total(accumulator)));
  };
  ForEachWindowWithHistograms(series, visit);
}

// Sets steps to samples; neighbouring steps share them.
class SampleSetter {
 public:
  SampleSetter(const HistogramColumns& samples, const StepRow& out)
      : samples_(samples), out_(out) {}

  void Set(size_t step, size_t i) {
    if (shared_ == nullptr || i != last_) {
      shared_ = std::make_shared<const FloatHistogramSample>(ToFloatHistogram(samples_[i]));
      last_ = i;
    }
    out_.SetHistogram(step, shared_);
  }

 private:
  const HistogramColumns& samples_;
  const StepRow& out_;
  HistogramPtr shared_;
  size_t last_ = 0;
};

}  // namespace

void SumHistogramsOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Accumulate<HistogramSum>(series, out, notes, [](const HistogramSum& sum) { return sum.Total(); });
}

void AvgHistogramsOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Accumulate<HistogramMean>(series, out, notes,
                            [](const HistogramMean& mean) { return mean.Mean(); });
}

void CountAllOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  const auto visit = [&](size_t step, const RangeWindow&, const WindowCursor& floats,
                         const WindowCursor& histograms) {
    out.Set(step, static_cast<double>(floats.size() + histograms.size()));
  };
  ForEachWindowWithHistograms(series, visit);
}

void AnyPresentOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  const auto visit = [&](size_t step, const RangeWindow&, const WindowCursor&,
                         const WindowCursor&) { out.Set(step, 1); };
  ForEachWindowWithHistograms(series, visit);
}

void FirstOfAllOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  SampleSetter setter(series.samples.histograms, out);
  const auto visit = [&](size_t step, const RangeWindow&, const WindowCursor& floats,
                         const WindowCursor& histograms) {
    if (floats.size() == 0 || histograms.first_time() < floats.first_time()) {
      setter.Set(step, histograms.begin());
    }
  };
  ForEachWindowWithHistograms(series, visit);
}

void LastOfAllOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  SampleSetter setter(series.samples.histograms, out);
  const auto visit = [&](size_t step, const RangeWindow&, const WindowCursor& floats,
                         const WindowCursor& histograms) {
    if (floats.size() == 0 || histograms.last_time() > floats.last_time()) {
      setter.Set(step, histograms.end() - 1);
    }
  };
  ForEachWindowWithHistograms(series, visit);
}

void TimeOfFirstOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  const auto visit = [&](size_t step, const RangeWindow&, const WindowCursor& floats,
                         const WindowCursor& histograms) {
    const TimestampMs first = floats.size() == 0
                                  ? histograms.first_time()
                                  : std::min(floats.first_time(), histograms.first_time());
    out.Set(step, static_cast<double>(first) / 1000);
  };
  ForEachWindowWithHistograms(series, visit);
}

// 0 before 1970, as TimeOfLast has it.
void TimeOfLastOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  const auto visit = [&](size_t step, const RangeWindow&, const WindowCursor& floats,
                         const WindowCursor& histograms) {
    TimestampMs last = std::max<TimestampMs>(histograms.last_time(), 0);
    if (floats.size() > 0) last = std::max(last, floats.last_time());
    out.Set(step, static_cast<double>(last) / 1000);
  };
  ForEachWindowWithHistograms(series, visit);
}

void IgnoreHistograms(const WindowedSeries& series, const StepRow&, RangeNotes& notes) {
  const auto visit = [&](size_t, const RangeWindow&, const WindowCursor& floats,
                         const WindowCursor&) { notes.histograms_ignored |= floats.size() > 0; };
  ForEachWindowWithHistograms(series, visit);
}

}  // namespace tidemark::promql
