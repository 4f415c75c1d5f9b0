#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "tsdb/block/block_reader.h"
#include "tsdb/block/block_writer.h"

namespace tidemark::tsdb {

// Merges blocks, at least one, which may overlap, into one in `parent`, without what their
// tombstones name; at a time that several hold, the oldest block has the say. It covers the
// time of all of them. A block without series is the outcome where nothing is left: num_series is
// then 0 and there is no directory. Streams: memory for one series of all blocks and the index that
// is written. `stop` is asked between series.
//   Cancelled          it said so
//   DataLoss           a block is damaged: is_damaged() says which
//   ResourceExhausted  the disk is full; nothing is left of the new block, as with every error
//   Unavailable        any other failure to read or write
absl::StatusOr<BlockMeta> MergeBlocks(std::span<const std::shared_ptr<Block>> blocks,
                                      const std::string& parent, TimestampMs now,
                                      const std::function<bool()>& stop);

// The two halves of it, for those who have something to check before Finish.
BlockMeta MergedMeta(std::span<const std::shared_ptr<Block>> blocks, TimestampMs now);
absl::Status MergeSeries(std::span<const std::shared_ptr<Block>> blocks, BlockWriter& writer,
                         const std::function<bool()>& stop);

}  // namespace tidemark::tsdb
