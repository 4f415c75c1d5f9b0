#include "promql/functions/changes.h"

#include <cmath>

#include "promql/functions/extended_windows.h"

namespace tidemark::promql {
namespace {

constexpr auto kChanged = [](double previous, double current) {
  return previous != current && !(std::isnan(previous) && std::isnan(current));
};
constexpr auto kFell = [](double previous, double current) { return current < previous; };

// Counts the neighbours in windows for which happened(previous, current).
template <typename Fn>
class PairCounter {
 public:
  PairCounter(const std::vector<double>& values, const StepRow& out, Fn happened)
      : values_(values), out_(out), happened_(happened) {}

  void operator()(size_t step, size_t begin, size_t end) {
    for (; last_ + 1 < end; ++last_) count_ += Happened(last_) ? 1 : 0;
    for (; first_ < begin; ++first_) count_ -= Happened(first_) ? 1 : 0;
    out_.Set(step, static_cast<double>(count_));
  }

 private:
  bool Happened(size_t i) const { return happened_(values_[i], values_[i + 1]); }

  const std::vector<double>& values_;
  const StepRow& out_;
  const Fn happened_;
  size_t first_ = 0, last_ = 0;  // pairs ending at indexes (first_, last_] are counted
  size_t count_ = 0;
};

}  // namespace

void Changes(const WindowedSeries& series, const StepRow& out) {
  ForEachWindow(series, PairCounter(series.samples.values, out, kChanged));
}
void Resets(const WindowedSeries& series, const StepRow& out) {
  ForEachWindow(series, PairCounter(series.samples.values, out, kFell));
}
void AnchoredChanges(const WindowedSeries& series, const StepRow& out) {
  ForEachAnchoredWindow(series.samples, series.windows,
                        PairCounter(series.samples.values, out, kChanged));
}
void AnchoredResets(const WindowedSeries& series, const StepRow& out) {
  ForEachAnchoredWindow(series.samples, series.windows,
                        PairCounter(series.samples.values, out, kFell));
}

}  // namespace tidemark::promql
