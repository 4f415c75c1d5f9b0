#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"

#include "promql/exec/query_context.h"

namespace tidemark::promql {

// Calls fn(slice, i) -> Status for each i below `count` on the pool of `query`, in slices of
// neighbours; `slice` numbers them from 0, so that each may have a scratch space of its own. Asks
// for cancellation before each slice. Gives the error with the lowest i, whatever the threads did.
inline constexpr size_t kRowsPerSlice = 16;
constexpr size_t NumSlices(size_t count) { return (count + kRowsPerSlice - 1) / kRowsPerSlice; }

template <typename Fn>
absl::Status ForEachRowInParallel(QueryContext& query, size_t count, Fn fn) {
  std::vector<absl::Status> statuses(NumSlices(count));
  query.pool().ParallelFor(statuses.size(), [&](size_t slice) {
    absl::Status& status = statuses[slice];
    status = query.CheckCancelled();
    const size_t end = std::min(count, (slice + 1) * kRowsPerSlice);
    for (size_t i = slice * kRowsPerSlice; i < end && status.ok(); ++i) status = fn(slice, i);
  });
  for (absl::Status& status : statuses) {
    if (!status.ok()) return std::move(status);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::promql
