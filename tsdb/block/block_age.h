#pragma once

#include <algorithm>
#include <string>

#include "tsdb/block/block_meta.h"

namespace tidemark::tsdb {

// Whether `a` holds what was stored before what `b` holds, so that it has the say at times that
// both have. A block that was merged or rewritten is as old as the first of those it was made of,
// not as its name.
inline bool IsOlder(const BlockMeta& a, const BlockMeta& b) {
  const auto first = [](const BlockMeta& meta) -> const std::string& {
    const auto& sources = meta.compaction.sources;
    return sources.empty() ? meta.ulid : *std::min_element(sources.begin(), sources.end());
  };
  return first(a) != first(b) ? first(a) < first(b) : a.ulid < b.ulid;
}

}  // namespace tidemark::tsdb
