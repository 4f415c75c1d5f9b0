#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "tsdb/block/block_files.h"
#include "tsdb/block/block_reader.h"
#include "tsdb/block/tombstones.h"

namespace tidemark::tsdb {

// The walk over a block that Block::NewWalk gives. The files are held for as long as it lives.
std::unique_ptr<SeriesWalk> NewSeriesWalk(std::shared_ptr<const BlockFiles> files,
                                          std::shared_ptr<const Tombstones> tombstones);

}  // namespace tidemark::tsdb
