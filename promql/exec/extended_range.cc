#include "promql/exec/extended_range.h"

#include "base/status_macros.h"
#include "promql/functions/extended_windows.h"

namespace tidemark::promql {

absl::Status ExtendedRange::Read(size_t i, SampleColumns& out) const {
  RETURN_IF_ERROR(input_->Read(i, out));
  SampleColumns extended;
  const auto extend = [&](size_t step, size_t begin, size_t end) {
    if (step == 0) extended = Extend(out, begin, end);
  };
  if (smoothed_) {
    ForEachSmoothedWindow(out.timestamps, windows(), extend);
  } else {
    ForEachAnchoredWindow(out.timestamps, windows(), extend);
  }
  out = std::move(extended);
  return absl::OkStatus();
}

SampleColumns ExtendedRange::Extend(const SampleColumns& samples, size_t begin, size_t end) const {
  const RangeWindow window = windows()[0];
  const auto& times = samples.timestamps;
  SampleColumns out;
  const bool before = smoothed_ && times[begin] < window.after;
  out.push_back(window.after, before ? Interpolate(samples, begin, window.after, /*counter=*/false)
                                     : samples.values[begin]);
  for (size_t i = begin; i < end; ++i) {
    if (window.after < times[i] && times[i] < window.through) {
      out.push_back(times[i], samples.values[i]);
    }
  }
  const bool behind = smoothed_ && times[end - 1] > window.through;
  out.push_back(window.through,
                behind ? Interpolate(samples, end - 2, window.through, /*counter=*/false)
                       : samples.values[end - 1]);
  return out;
}

}  // namespace tidemark::promql
