#include "promql/functions/changes.h"

#include <cmath>

#include "promql/functions/extended_windows.h"
#include "promql/functions/start_timestamps.h"

namespace tidemark::promql {
namespace {

// Whether something happened between samples `i` and `i + 1`.
auto Changed(const SampleColumns& samples) {
  return [&values = samples.values](size_t i) {
    return values[i] != values[i + 1] && !(std::isnan(values[i]) && std::isnan(values[i + 1]));
  };
}
auto Fell(const SampleColumns& samples) {
  return [&samples, times = SampleTimes::OfFloats(samples)](size_t i) {
    return samples.values[i + 1] < samples.values[i] || BeginsAnew(times, i + 1);
  };
}

// Counts the neighbours in windows for which `happened`.
template <typename Fn>
class PairCounter {
 public:
  PairCounter(const StepRow& out, Fn happened) : out_(out), happened_(happened) {}

  void operator()(size_t step, size_t begin, size_t end) {
    for (; last_ + 1 < end; ++last_) count_ += happened_(last_) ? 1 : 0;
    for (; first_ < begin; ++first_) count_ -= happened_(first_) ? 1 : 0;
    out_.Set(step, static_cast<double>(count_));
  }

 private:
  const StepRow& out_;
  const Fn happened_;
  size_t first_ = 0, last_ = 0;  // pairs ending at indexes (first_, last_] are counted
  size_t count_ = 0;
};

}  // namespace

void Changes(const WindowedSeries& series, const StepRow& out) {
  ForEachWindow(series, PairCounter(out, Changed(series.samples)));
}
void Resets(const WindowedSeries& series, const StepRow& out) {
  ForEachWindow(series, PairCounter(out, Fell(series.samples)));
}
void AnchoredChanges(const WindowedSeries& series, const StepRow& out) {
  ForEachAnchoredWindow(series.samples.timestamps, series.windows,
                        PairCounter(out, Changed(series.samples)));
}
void AnchoredResets(const WindowedSeries& series, const StepRow& out) {
  ForEachAnchoredWindow(series.samples.timestamps, series.windows,
                        PairCounter(out, Fell(series.samples)));
}

}  // namespace tidemark::promql
