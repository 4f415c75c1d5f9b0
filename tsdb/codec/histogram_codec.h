#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "base/model/native_histogram.h"

// A column of native histograms of one series. Samples that follow one another and share a layout
// state it once; every bucket of such a run is a column of its own, so that a bucket that nothing
// falls into costs three bytes, and a busy one what a counter does.
// Layout: docs/storage-format.md. Exact: all bits come back. Thread-safe: holds no state.
namespace tidemark::tsdb {

// Bounds what a few damaged bytes can claim to be: samples of a column times their buckets, summed
// over its runs.
inline constexpr size_t kMaxHistogramCounts = size_t{1} << 22;

// Appends `samples`, at least one, to `out`.
//   InvalidArgument  a sample without a layout, or with other counts than its spans say, or more
//                    than kMaxHistogramCounts in all; `out` is then as before
absl::Status AppendHistogramColumn(std::span<const HistogramSample> samples, std::string* out);
absl::Status AppendHistogramColumn(std::span<const FloatHistogramSample> samples, std::string* out);

// Fills all of `samples`, at least one, and drops what it read from the front of `bytes`. Samples
// of a run share their layout.
//   DataLoss  `bytes` cannot be such a column; `samples` then holds anything
absl::Status ConsumeHistogramColumn(std::string_view& bytes, std::span<HistogramSample> samples);
absl::Status ConsumeHistogramColumn(std::string_view& bytes,
                                    std::span<FloatHistogramSample> samples);

}  // namespace tidemark::tsdb
