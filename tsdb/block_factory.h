#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "base/run/clock.h"
#include "tsdb/block/block_writer.h"

namespace tidemark::tsdb {

// Begins a block that covers [min_time, max_time).
using BlockFactory = std::function<absl::StatusOr<std::unique_ptr<BlockWriter>>(
    TimestampMs min_time, TimestampMs max_time)>;

// Blocks of the data directory `path`, which is made where it is absent, with its file `format`. A
// server that has the directory open does not see them before its next start. `clock` outlives the
// factory.
//   FailedPrecondition  the directory has a format that this version does not know
//   and what writing files says
absl::StatusOr<BlockFactory> NewBlocksIn(const std::string& path, Clock& clock);
// Blocks that are counted and go nowhere.
BlockFactory NewBlocksNowhere();

}  // namespace tidemark::tsdb
