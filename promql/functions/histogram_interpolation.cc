#include "promql/functions/histogram_interpolation.h"

#include "base/model/histogram_reset.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {

std::optional<FloatHistogramSample> InterpolateHistogram(const HistogramColumns& samples, size_t i,
                                                         TimestampMs t, bool counter,
                                                         RangeNotes& notes) {
  const auto times = samples.timestamps();
  if (t == times[i]) return ToFloatHistogram(samples[i]);
  FloatHistogramSample result = ToFloatHistogram(samples[i + 1]);
  if (t == times[i + 1]) return result;
  const double part =
      static_cast<double>(t - times[i]) / static_cast<double>(times[i + 1] - times[i]);
  if (counter && IsCounterReset(samples[i + 1], samples[i])) {
    Multiply(part, result);
    return result;
  }
  CombineNotes difference, sum;
  if (!Subtract(samples[i], result, difference)) return std::nullopt;
  Multiply(part, result);
  if (!Add(samples[i], result, sum)) return std::nullopt;
  notes.reconciled_difference |= difference.bounds_reconciled;
  notes.reconciled_sum |= sum.bounds_reconciled;
  return result;
}

}  // namespace tidemark::promql
