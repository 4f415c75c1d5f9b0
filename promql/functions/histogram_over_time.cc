#include "promql/functions/histogram_over_time.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "promql/functions/mixed_windows.h"
#include "promql/functions/sliding_histograms.h"
#include "promql/functions/sliding_window.h"
#include "promql/histograms/histogram_sum.h"

namespace tidemark::promql {
namespace {

// A sum or a mean of the histograms of a window: its accumulator takes them one by one.
struct SumOfWindow {
  using Accumulator = HistogramSum;
  static FloatHistogramSample ResultOf(const HistogramSum& sum) { return sum.Total(); }
  static double Number(const CompensatedSum& sum, size_t) { return sum.Total(); }
};
struct MeanOfWindow {
  using Accumulator = HistogramMean;
  static FloatHistogramSample ResultOf(const HistogramMean& mean) { return mean.Mean(); }
  static double Number(const CompensatedSum& sum, size_t count) {
    return sum.sum / static_cast<double>(count) + sum.lost / static_cast<double>(count);
  }
};

// Evaluates each step whose window has histograms alone.
template <typename Kind>
class WindowAccumulator {
 public:
  WindowAccumulator(const WindowedSeries& series, const StepRow& out, RangeNotes& notes)
      : samples_(series.samples.histograms),
        slides_(WindowsOverlapMuch(samples_.timestamps(), series.windows)),
        sliding_(samples_),
        out_(out),
        notes_(notes) {}

  void operator()(size_t step, const RangeWindow&, const WindowCursor& floats,
                  const WindowCursor& histograms) {
    if (floats.size() > 0) {
      notes_.mixed_kinds = true;
      return out_.Clear(step);
    }
    const size_t begin = histograms.begin(), end = histograms.end();
    if (!Slide(step, begin, end)) AddEach(step, begin, end);
  }

 private:
  // False where the histograms have to be added one by one.
  bool Slide(size_t step, size_t begin, size_t end) {
    if (!slides_ || !sliding_.MoveTo(begin, end)) return false;
    numbers_.clear();
    for (const CompensatedSum& sum : sliding_.sums()) {
      if (!std::isfinite(sum.sum)) return false;  // it may have overflowed, and has no mean
      numbers_.push_back(Kind::Number(sum, end - begin));
    }
    Set(step, sliding_.Make(numbers_), sliding_.notes());
    return true;
  }

  void AddEach(size_t step, size_t begin, size_t end) {
    typename Kind::Accumulator accumulator(samples_[begin]);
    for (size_t i = begin + 1; i < end; ++i) {
      if (accumulator.Add(samples_[i])) continue;
      notes_.mixed_schemas = true;
      return;
    }
    Set(step, Kind::ResultOf(accumulator), accumulator.notes());
  }

  void Set(size_t step, FloatHistogramSample result, const CombineNotes& notes) {
    notes_.conflicting_resets |= notes.conflicting_resets;
    notes_.reconciled_aggregate |= notes.bounds_reconciled;
    out_.SetHistogram(step, std::make_shared<const FloatHistogramSample>(std::move(result)));
  }

  const HistogramColumns& samples_;
  const bool slides_;
  SlidingHistogramSum sliding_;
  std::vector<double> numbers_;
  const StepRow& out_;
  RangeNotes& notes_;
};

template <typename Kind>
void Accumulate(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  WindowAccumulator<Kind> accumulator(series, out, notes);
  ForEachWindowWithHistograms(
      series,
      [&](size_t step, const RangeWindow& window, const WindowCursor& floats,
          const WindowCursor& histograms) { accumulator(step, window, floats, histograms); });
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
  Accumulate<SumOfWindow>(series, out, notes);
}

void AvgHistogramsOverTime(const WindowedSeries& series, const StepRow& out, RangeNotes& notes) {
  Accumulate<MeanOfWindow>(series, out, notes);
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
