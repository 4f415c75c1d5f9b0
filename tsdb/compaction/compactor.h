#pragma once

#include <functional>
#include <span>
#include <string>

#include "absl/status/statusor.h"

#include "base/run/clock.h"
#include "tsdb/block/block_set.h"

namespace tidemark::tsdb {

// Merges blocks, which may overlap, into one in `parent`, without what their tombstones name; at a
// time that several hold, the oldest block by ulid has the say. A block without series is the
// outcome where nothing is left. Streams: memory for one series of all blocks and the index.
// `stop` is asked between series.
//   Cancelled  it said so
//   DataLoss   a block is damaged: is_damaged() says which
absl::StatusOr<BlockMeta> MergeBlocks(std::span<const std::shared_ptr<Block>> blocks,
                                      const std::string& parent, TimestampMs now,
                                      const std::function<bool()>& stop);

}  // namespace tidemark::tsdb
