#include "promql/functions/histogram_changes.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/model/histogram_reset.h"
#include "promql/functions/extended_windows.h"
#include "promql/functions/mixed_windows.h"
#include "promql/functions/start_timestamps.h"
#include "promql/histograms/equality.h"

namespace tidemark::promql {
namespace {

// All samples of a series in order, and how often something happened up to each.
class Events {
 public:
  // of_floats(i) and of_histograms(i): whether it happened between samples i and i + 1 of the kind.
  template <typename OfFloats, typename OfHistograms>
  Events(const SampleColumns& samples, OfFloats of_floats, OfHistograms of_histograms) {
    const auto histogram_times = samples.histograms.timestamps();
    size_t f = 0, h = 0;
    bool last_is_float = false;
    while (f < samples.size() || h < histogram_times.size()) {
      const bool is_float = h == histogram_times.size() ||
                            (f < samples.size() && samples.timestamps[f] < histogram_times[h]);
      bool happened = !times_.empty() && is_float != last_is_float;
      if (!times_.empty() && is_float == last_is_float) {
        happened = is_float ? of_floats(f - 1) : of_histograms(h - 1);
      }
      last_is_float = is_float;
      count_ += happened ? 1 : 0;
      times_.push_back(is_float ? samples.timestamps[f++] : histogram_times[h++]);
      counts_.push_back(count_);
    }
  }

  void Count(const RangeWindows& windows, const StepRow& out) const {
    WindowCursor cursor(times_);
    for (size_t step = 0; step < windows.size(); ++step) {
      cursor.MoveTo(windows[step]);
      if (cursor.size() > 0) out.Set(step, Between(cursor.begin(), cursor.end()));
    }
  }
  void CountAnchored(const RangeWindows& windows, const StepRow& out) const {
    ForEachAnchoredWindow(times_, windows, [&](size_t step, size_t begin, size_t end) {
      out.Set(step, Between(begin, end));
    });
  }

 private:
  double Between(size_t begin, size_t end) const {
    return static_cast<double>(counts_[end - 1] - counts_[begin]);
  }

  std::vector<TimestampMs> times_;
  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
};

Events ChangesOf(const SampleColumns& samples) {
  const auto of_floats = [&values = samples.values](size_t i) {
    return values[i] != values[i + 1] && !(std::isnan(values[i]) && std::isnan(values[i + 1]));
  };
  const auto of_histograms = [&](size_t i) {
    return !AreEqual(samples.histograms[i], samples.histograms[i + 1]);
  };
  return Events(samples, of_floats, of_histograms);
}

Events ResetsOf(const SampleColumns& samples) {
  const SampleTimes float_times = SampleTimes::OfFloats(samples);
  const SampleTimes histogram_times = SampleTimes::OfHistograms(samples);
  const auto of_floats = [&](size_t i) {
    return samples.values[i + 1] < samples.values[i] || BeginsAnew(float_times, i + 1);
  };
  const auto of_histograms = [&](size_t i) {
    return IsCounterReset(samples.histograms[i + 1], samples.histograms[i]) ||
           BeginsAnew(histogram_times, i + 1);
  };
  return Events(samples, of_floats, of_histograms);
}

}  // namespace

void ChangesOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  ChangesOf(series.samples).Count(series.windows, out);
}
void ResetsOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  ResetsOf(series.samples).Count(series.windows, out);
}
void AnchoredChangesOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  ChangesOf(series.samples).CountAnchored(series.windows, out);
}
void AnchoredResetsOfAll(const WindowedSeries& series, const StepRow& out, RangeNotes&) {
  ResetsOf(series.samples).CountAnchored(series.windows, out);
}

}  // namespace tidemark::promql
