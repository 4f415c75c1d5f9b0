#pragma once

#include <memory>
#include <span>

#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "tsdb/block/block_files.h"
#include "tsdb/block/tombstones.h"
#include "tsdb/index/posting_list.h"
#include "tsdb/querier.h"

namespace tidemark::tsdb {

// The files are held for as long as the querier or a series set of it lives.
std::unique_ptr<Querier> NewBlockQuerier(std::shared_ptr<const BlockFiles> files,
                                         std::shared_ptr<const Tombstones> tombstones);

// The series of the block that pass the matchers and may have samples in `range` that are not
// deleted.
absl::StatusOr<PostingSet> SelectSeries(const BlockFiles& files, const Tombstones& tombstones,
                                        std::span<const LabelMatcher> matchers, TimeRange range);

}  // namespace tidemark::tsdb
