#pragma once

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/sample.h"
#include "promql/exec/column_batch.h"
#include "promql/exec/query_context.h"
#include "promql/exec/range_windows.h"
#include "promql/exec/window_totals.h"

namespace tidemark::promql {

// A range vector: series, and for each the samples of all its windows at once. Where the samples
// come from, store or subquery, its users do not see.
class RangeSource {
 public:
  explicit RangeSource(const RangeWindows& windows) : windows_(windows) {}
  virtual ~RangeSource() = default;

  // Finds the series. To be called once, before all else, by the thread that drives the query.
  // Errors are those of Engine.
  virtual absl::Status Open(QueryContext& query) = 0;
  virtual size_t size() const = 0;
  virtual SeriesHeader header(size_t i) const = 0;
  // Replaces `out` by the samples of series `i` in the hull of the windows, staleness markers left
  // out. May be called from several threads at once.
  virtual absl::Status Read(size_t i, SampleColumns& out) const = 0;

  // Where there is one window only: fills `out` with what is known of it, decoding as little as can
  // be; false where reading the samples is no dearer or some are histograms. May be called from
  // several threads at once.
  virtual absl::StatusOr<bool> ReadTotals(size_t, WindowTotals&) const { return false; }

  const RangeWindows& windows() const { return windows_; }

 private:
  const RangeWindows windows_;
};

using RangeSourcePtr = std::unique_ptr<RangeSource>;

}  // namespace tidemark::promql
