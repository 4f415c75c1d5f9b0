#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "tsdb/block/block_meta.h"
#include "tsdb/head/head.h"
#include "tsdb/querier.h"

namespace tidemark::tsdb {

// The time ranges of the blocks that a cut is written to: the partitions it has samples in, one
// block each; where it reaches far back, as after a backfill, old partitions share blocks of
// `max_range`, a multiple of the block range.
std::vector<TimeRange> BlockRangesOf(const HeadCut& cut, DurationMs max_range);

// Writes the samples of a cut into blocks in `parent`, one for each of `ranges`, which ascend and
// do not overlap. On an error none of them stays. `now` in milliseconds since the Unix epoch;
// `stop` is asked between series.
//   Cancelled  it said so
//   DataLoss   a chunk in memory is damaged
//   others     those of BlockWriter
absl::StatusOr<std::vector<BlockMeta>> WriteCut(const Head& head, const HeadCut& cut,
                                                const std::vector<TimeRange>& ranges,
                                                const std::string& parent, TimestampMs now,
                                                const std::function<bool()>& stop);

// Writes all that a querier finds in `range` as one block in `parent`. Errors as above.
absl::StatusOr<BlockMeta> WriteBlockOf(const Querier& querier, TimeRange range,
                                       const std::string& parent, TimestampMs now);

}  // namespace tidemark::tsdb
