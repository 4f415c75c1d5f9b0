#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "tsdb/block/block_meta.h"

namespace tidemark::tsdb {

// Writes one block. Until Finish renames it to its place it is a directory `ULID.tmp` beside, which
// the destructor removes. One thread. Memory: some tens of bytes per series for the index, besides
// one bundle. Errors of all calls:
//   ResourceExhausted  the disk is full
//   Unavailable        any other failure to write
class BlockWriter {
 public:
  // `parent` is the directory that holds blocks. Of `meta` the caller sets ulid, min_time, max_time
  // and, where they differ from those of a level 1 block, compaction.
  static absl::StatusOr<std::unique_ptr<BlockWriter>> Create(const std::string& parent,
                                                             BlockMeta meta);
  virtual ~BlockWriter() = default;

  // The next series, ascending by label set, each once, with its samples, all in
  // [min_time, max_time). One without samples is left out.
  virtual absl::Status Add(const LabelSet& labels, const SampleColumns& samples) = 0;
  // Writes index and meta.json, fsyncs all and moves the block to `parent`/ULID. A block without
  // series is not kept: num_series is then 0 and there is no directory.
  virtual absl::StatusOr<BlockMeta> Finish() = 0;
};

}  // namespace tidemark::tsdb
