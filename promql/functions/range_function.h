#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "base/model/sample.h"
#include "promql/exec/column_batch.h"
#include "promql/exec/query_context.h"
#include "promql/exec/range_windows.h"
#include "promql/exec/window_totals.h"
#include "promql/functions/range_notes.h"

namespace tidemark::promql {

// What a range function works on: one series, all windows.
struct WindowedSeries {
  const SampleColumns& samples;  // of the hull of the windows, no staleness markers
  const RangeWindows& windows;
  std::span<const std::vector<double>> parameters;  // [argument][step], the scalars among them
  const QueryContext* query = nullptr;              // whose end ends the work, where given
};

// Those of range_windows.h that stop in between once the query is cancelled: one series
// alone can be work for minutes.
template <typename Fn>
void ForEachWindowOf(const WindowedSeries& series, Fn fn) {
  constexpr size_t kSamplesPerCheck = 1 << 20;
  size_t seen = 0;
  bool stopped = false;
  const auto visit = [&](size_t step, const RangeWindow& window, size_t begin, size_t end) {
    if (stopped) return;
    seen += end - begin;
    if (seen >= kSamplesPerCheck) {
      seen = 0;
      stopped = series.query != nullptr && !series.query->CheckCancelled().ok();
      if (stopped) return;
    }
    fn(step, window, begin, end);
  };
  ForEachWindowOf(series.samples, series.windows, visit);
}
template <typename Fn>
void ForEachWindow(const WindowedSeries& series, Fn fn) {
  ForEachWindowOf(series, [&](size_t step, const RangeWindow&, size_t begin, size_t end) {
    fn(step, begin, end);
  });
}

// A function of the samples in a window. It sees the whole series and all windows at once, so that
// what two windows have in common need not be computed twice.
struct RangeFunction {
  std::string_view name;
  // Sets the steps of `out`, which is empty before, that have a result. Thread-safe.
  void (*evaluate)(const WindowedSeries& series, const StepRow& out);
  // The same for the one window of a series of which the totals are known, where they tell the
  // result; else the samples must be read. Null where they never do.
  std::optional<double> (*of_totals)(const WindowTotals& totals,
                                     const RangeWindows& windows) = nullptr;
  // Where there are native histograms: called after `evaluate`, which has seen the floats alone,
  // and sets or clears the steps whose windows have histograms. Thread-safe.
  void (*evaluate_histograms)(const WindowedSeries& series, const StepRow& out,
                              RangeNotes& notes) = nullptr;
  bool keeps_metric_name = false;
  bool expects_counter = false;  // a metric that is not named like one gets an annotation
  bool uses_starts = false;      // start timestamps that overlap get an annotation
  bool takes_quantile = false;   // as first parameter; one outside [0, 1] gets an annotation
  // Of the parameters as WindowedSeries has them, at one step: FailedPrecondition where they cannot
  // be used, which counts where there is a sample to use them on. Null where any numbers will do.
  absl::Status (*check_parameters)(std::span<const std::vector<double>> parameters,
                                   size_t step) = nullptr;
};

// By the name in the query; null where it is not among them. Lives for ever.
const RangeFunction* FindRangeFunction(std::string_view name);

}  // namespace tidemark::promql
