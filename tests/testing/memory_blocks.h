#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tsdb/block_factory.h"

namespace tidemark::testing {

// Blocks as tests compare them: [min_time, max_time) -> "SERIES TIMESTAMP VALUE" of every sample.
// Blocks without samples are not there.
using MemoryBlocks = std::map<std::pair<TimestampMs, TimestampMs>, std::vector<std::string>>;

// Writes blocks into `blocks`, which outlives the factory and its writers, and expects of those who
// write them what BlockWriter does.
tsdb::BlockFactory NewBlocksInMemory(MemoryBlocks& blocks);

}  // namespace tidemark::testing
