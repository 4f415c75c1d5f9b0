#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"

#include "promql/exec/query_context.h"

namespace tidemark::promql {

// Calls fn(i) -> Status for each i below `count` on the pool of `query`, in slices of neighbours.
// Asks for cancellation before each slice. Gives the error with the lowest i, whatever the threads
// did.
template <typename Fn>
absl::Status ForEachRowInParallel(QueryContext& query, size_t count, Fn fn) {
  // Small enough that no thread waits long for the last one, large enough not to count itself.
  const size_t rows_per_slice = std::clamp<size_t>(count / 64, 4, 64);
  std::vector<absl::Status> statuses((count + rows_per_slice - 1) / rows_per_slice);
  query.pool().ParallelFor(statuses.size(), [&](size_t slice) {
    absl::Status& status = statuses[slice];
    status = query.CheckCancelled();
    const size_t end = std::min(count, (slice + 1) * rows_per_slice);
    for (size_t i = slice * rows_per_slice; i < end && status.ok(); ++i) status = fn(i);
  });
  for (absl::Status& status : statuses) {
    if (!status.ok()) return std::move(status);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::promql
