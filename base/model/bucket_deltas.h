#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

// Bucket counts as protobuf messages tell those of integer histograms: each as its difference from
// the one before.
namespace tidemark {

// Adds the next count. Sums wrap around, as in Prometheus.
inline void AppendDelta(int64_t delta, std::vector<uint64_t>& counts) {
  counts.push_back((counts.empty() ? 0 : counts.back()) + static_cast<uint64_t>(delta));
}

// Whether no count is negative.
//   InvalidArgument  one is, which 64 unsigned bits cannot say; in Prometheus's words
absl::Status CheckSummedDeltas(const std::vector<uint64_t>& positive,
                               const std::vector<uint64_t>& negative);

}  // namespace tidemark
