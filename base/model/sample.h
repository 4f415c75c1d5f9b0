#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "base/model/histogram_columns.h"
#include "base/model/timestamp.h"

namespace tidemark {

struct Sample {
  TimestampMs timestamp = 0;
  double value = 0;
};

// Bits, not numbers: a NaN equals itself and +0 differs from -0.
inline bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// Samples of one series: floats as two columns of equal length, timestamps strictly ascending, and
// native histograms.
// Reused from series to series so that reading allocates nothing in the steady state.
struct SampleColumns {
  std::vector<TimestampMs> timestamps;
  std::vector<double> values;
  // When what each sample counts began, where the source knows: empty, or one per sample, 0 where
  // it is not known.
  std::vector<TimestampMs> start_timestamps = {};
  // The samples of the series that are native histograms. No time is here and above.
  HistogramColumns histograms = {};

  // Of floats. A series may have histograms only.
  size_t size() const { return timestamps.size(); }
  bool empty() const { return timestamps.empty(); }
  bool has_samples() const { return !empty() || !histograms.empty(); }
  size_t num_samples() const { return size() + histograms.size(); }
  // The first and the last time of both; there is a sample.
  TimeRange Extent() const;
  void clear() {
    timestamps.clear();
    values.clear();
    start_timestamps.clear();
    histograms.clear();
  }
  // Of samples without a start.
  void push_back(TimestampMs t, double v) {
    timestamps.push_back(t);
    values.push_back(v);
  }
};

// Drops what lies outside `range`.
void KeepRange(TimeRange range, SampleColumns& samples);
// Merges `from` into `into`. At a time that both have what is in `into` stays.
void MergeSamples(const SampleColumns& from, SampleColumns& into);

}  // namespace tidemark
