#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/metrics.h"
#include "tsdb/block/block_reader.h"

namespace tidemark::tsdb {

// What the name of a block's directory ends in while it is written, and once it is obsolete. Such
// directories are removed when the set is opened.
inline constexpr std::string_view kUnfinishedSuffix = ".tmp", kDeletedSuffix = ".deleted";

// The blocks of a store, ascending by (min_time, ulid). A reader that holds a list holds its
// blocks: their files go only when the last such list has gone, under the name `ULID.deleted`.
// Queriers that are left then read on, from files that they have open.
using BlockList = std::vector<std::shared_ptr<Block>>;

// The directory `blocks/` and what is in it. Blocks appear and disappear as a whole. Thread-safe.
//
// A block that is damaged is set aside: its directory moves to `damaged/` beside `blocks/`, with a
// log line that names the file, and is counted in tidemark_tsdb_blocks_damaged_total; the rest
// serves.
class BlockSet {
 public:
  // Opens all blocks of `directory`/blocks (made where absent), sets damaged ones aside, and
  // removes what an interrupted writer or deletion left (`*.tmp`, `*.deleted`) and those blocks
  // that are the parents of another one that is whole.
  //   Unavailable          the directory cannot be read, or a block for a reason other than damage
  //   FailedPrecondition   a newer version wrote a block
  static absl::StatusOr<std::unique_ptr<BlockSet>> Open(const std::string& directory,
                                                        std::shared_ptr<BlockCache> cache,
                                                        MetricRegistry& metrics);
  virtual ~BlockSet() = default;

  virtual const std::string& blocks_directory() const = 0;  // where BlockWriter puts its block
  virtual std::shared_ptr<const BlockList> Current() const = 0;

  // Opens the blocks that were written into blocks_directory() and puts them in the place of
  // `obsolete`, in one step for readers; blocks without series are passed over. The files of the
  // obsolete ones go when nobody reads them. An error, which is that of Block::Open, leaves the set
  // as it was and removes the new blocks.
  virtual absl::Status Replace(const std::vector<BlockMeta>& added,
                               const std::vector<std::string>& obsolete_ulids) = 0;
  // Takes blocks that have turned out damaged out of the list and sets them aside.
  virtual void SetDamagedAside() = 0;
  // Waits until no list is held that Current gave before the call, and returns true: what was
  // published before it is then seen by every reader. False once `give_up` says so, which is asked
  // now and then.
  virtual bool AwaitReaders(const std::function<bool()>& give_up) = 0;
};

}  // namespace tidemark::tsdb
