#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "tsdb/block/block_meta.h"
#include "tsdb/block/tombstones.h"
#include "tsdb/kv/sst_reader.h"
#include "tsdb/querier.h"

namespace tidemark::tsdb {

// The files of a block's directory.
inline constexpr std::string_view kMetaFile = "meta.json", kIndexFile = "index.sst",
                                  kChunksFile = "chunks.sst", kTombstonesFile = "tombstones";

// All series of a block in their order, one after the other, with their samples but those that were
// deleted when the walk was made. Holds the labels of some hundred series at a time and leaves the
// cache to others: for reading a block once as a whole. One thread. Errors as those of a querier.
class SeriesWalk {
 public:
  virtual ~SeriesWalk() = default;
  // Goes to the next series, the first one at first; false after the last.
  virtual absl::StatusOr<bool> Next() = 0;
  virtual const LabelSet& labels() const = 0;  // valid until the next call of Next
  // Replaces `out` by the samples of the series; perhaps none.
  virtual absl::Status Read(SampleColumns& out) = 0;
};

// An immutable block on disk, but for its tombstones. Opening reads meta.json and the tombstones
// and the footers of the rest. Whoever reads it holds it by shared_ptr. Thread-safe.
//
// Every error that says DataLoss names the file and makes is_damaged() true from then on.
class Block : public Queryable {
 public:
  //   NotFound             a file of it is missing
  //   DataLoss             a file of it is damaged; the message names it
  //   FailedPrecondition   a newer version wrote it
  static absl::StatusOr<std::shared_ptr<Block>> Open(const std::string& directory,
                                                     std::shared_ptr<BlockCache> cache);
  ~Block() override = default;  // closes; leaves the files

  virtual const BlockMeta& meta() const = 0;
  virtual const std::string& directory() const = 0;
  virtual uint64_t disk_bytes() const = 0;  // of all its files
  virtual bool is_damaged() const = 0;
  virtual size_t num_tombstones() const = 0;  // intervals

  // Samples without those that the tombstones name. Queriers and their series sets share ownership
  // of the block.
  std::unique_ptr<Querier> NewQuerier() const override = 0;
  virtual std::unique_ptr<SeriesWalk> NewWalk() const = 0;  // shares ownership too

  // Deletes the samples in `range` of the series that pass the matchers: writes the tombstones
  // anew, after which queriers made later do not see them. The number of series concerned.
  virtual absl::StatusOr<size_t> Delete(std::span<const LabelMatcher> matchers,
                                        TimeRange range) = 0;
  // Reads and checks every byte: checksums of all files, each chunk decoded and compared with its
  // summary, the index against the series.
  virtual absl::Status Verify() const = 0;

  // A label pair and the number of series and chunks that have it: what `tidectl tsdb analyze`
  // ranks.
  struct LabelPairStats {
    std::string name, value;
    uint64_t num_series = 0;
  };
  virtual absl::StatusOr<std::vector<LabelPairStats>> LabelPairs() const = 0;
};

}  // namespace tidemark::tsdb
