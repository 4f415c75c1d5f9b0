#pragma once

#include <memory>

#include "tsdb/head/head.h"
#include "tsdb/querier.h"

namespace tidemark::tsdb {

// The head as a Querier. `head` outlives it and its sets.
std::unique_ptr<Querier> NewHeadQuerier(const Head& head);

}  // namespace tidemark::tsdb
