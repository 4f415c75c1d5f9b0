#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "base/model/histogram_columns.h"

// A column of native histograms of one series. Samples that follow one another and share a layout
// state it once. The buckets of such a run stand sample by sample as what they gained, which is
// read fastest, or every bucket as a column of its own, where that is shorter: then one that
// nothing falls into costs three bytes, and a busy one what a counter does.
// Layout: docs/storage-format.md. Exact: all bits come back. Thread-safe: holds no state.
namespace tidemark::tsdb {

// Bounds what a few damaged bytes can claim to be: samples of a column times their buckets, summed
// over its runs.
inline constexpr size_t kMaxHistogramCounts = size_t{1} << 22;

// Appends `histograms` from `begin` to before `end`, at least one, all integer or all float, to
// `out`.
//   InvalidArgument  more than kMaxHistogramCounts in all; `out` is then as before
absl::Status AppendHistogramColumn(const HistogramColumns& histograms, size_t begin, size_t end,
                                   std::string* out);

// Adds a histogram for each of `timestamps`, at least one, ascending, that is in `wanted` to `out`
// and drops what it read from the front of `bytes`. Those of a run share their layout.
//   DataLoss  `bytes` cannot be such a column; `out` is then as before
absl::Status ConsumeHistogramColumn(std::string_view& bytes, bool is_float,
                                    std::span<const TimestampMs> timestamps, HistogramColumns& out,
                                    TimeRange wanted = {});

}  // namespace tidemark::tsdb
