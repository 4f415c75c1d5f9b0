#pragma once

#include <string>
#include <vector>

#include "base/model/timestamp.h"
#include "tsdb/block/block_meta.h"

namespace tidemark::tsdb {

// The lengths of block ranges, ascending: `min_range`, then three times the one before, none above
// `max_range`. At least one.
std::vector<DurationMs> BlockRanges(DurationMs min_range, DurationMs max_range);

// The blocks to merge next, by ulid; none where nothing is to be done. What overlaps comes first,
// then, as in Prometheus, the oldest aligned range of the smallest length that has more than one
// block and that the newest block does not lie in; then a block more than 5 % of whose series have
// tombstones (alone, rewritten).
// `metas` ascends by min_time.
std::vector<std::string> PlanCompaction(const std::vector<BlockMeta>& metas,
                                        const std::vector<DurationMs>& ranges);

// Blocks that retention takes: those that end before the newest sample of the store minus
// `retention` (0 keeps all), and the oldest while all together exceed `max_bytes` (0 no limit;
// `other_bytes` are those of head and journal, which count).
struct SizedBlock {
  BlockMeta meta;
  uint64_t bytes = 0;
};
struct RetentionLimits {
  DurationMs duration = 0;
  uint64_t max_bytes = 0;
};
std::vector<std::string> PlanRetention(const std::vector<SizedBlock>& blocks,
                                       const RetentionLimits& limits, uint64_t other_bytes,
                                       TimestampMs newest);

}  // namespace tidemark::tsdb
