#pragma once

#include <memory>

#include "tsdb/block/block_set.h"
#include "tsdb/head/head.h"
#include "tsdb/querier.h"

namespace tidemark::tsdb {

// Head and blocks as one. Holds `blocks`, and so does each series set it gives: what the head drops
// after a cut stays until those are gone that do not know the blocks of the cut. The head outlives
// it.
std::unique_ptr<Querier> NewDbQuerier(const Head& head, std::shared_ptr<const BlockList> blocks);

}  // namespace tidemark::tsdb
