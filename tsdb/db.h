#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/metrics.h"
#include "base/run/clock.h"
#include "tsdb/appender.h"
#include "tsdb/block/block_meta.h"
#include "tsdb/exemplar_querier.h"
#include "tsdb/journal_feed.h"
#include "tsdb/options.h"
#include "tsdb/querier.h"

namespace tidemark::tsdb {

// Figures of the head, for /api/v1/status/tsdb.
struct HeadStats {
  uint64_t num_series = 0, num_label_pairs = 0, num_chunks = 0, num_samples = 0;
  TimeRange range;  // of the samples in the head; min > max where there are none
};

// How many series of the head carry a label pair.
struct LabelPairCount {
  std::string name, value;
  uint64_t num_series = 0;
};

// A store of series in a directory. Thread-safe.
class Db : public Appendable, public Queryable, public ExemplarQueryable {
 public:
  // Opens or makes the store and replays its journal. `clock` and `metrics` outlive it.
  // Damaged files are set aside in `damaged/`, logged by name and counted; the rest is served.
  //   FailedPrecondition  another process has the directory open, or a newer version wrote it
  //   others              the directory cannot be read or written; the message names the file
  static absl::StatusOr<std::unique_ptr<Db>> Open(const Options& options, Clock& clock,
                                                  MetricRegistry& metrics);

  // Figures as of now.
  virtual HeadStats Stats() const = 0;
  // Every label pair of the head, names together. Cost: a pass over the pairs.
  virtual std::vector<LabelPairCount> LabelPairs() const = 0;
  // What meta.json says of the blocks that are served, ascending by time.
  virtual std::vector<BlockMeta> Blocks() const = 0;

  // From now on keeps so many exemplars; the newest of those there are.
  virtual void ResizeExemplars(size_t max_exemplars) = 0;

  // Deletes the samples in `range` of the series that pass all matchers; later ones are not
  // concerned. Queriers made from now on do not see them; their place on disk goes with the next
  // merge. The number of series concerned, counted once for the head and for each block.
  //   Unavailable, ResourceExhausted  not everything was deleted: ask again
  virtual absl::StatusOr<size_t> Delete(std::span<const LabelMatcher> matchers,
                                        TimeRange range) = 0;
  // Rewrites the blocks that something was deleted of.
  virtual absl::Status CleanTombstones() = 0;
  // Makes `snapshots/NAME` in the data directory, a data directory of its own that shares the files
  // of the blocks, with what the head holds as one more block unless `skip_head`. The name.
  virtual absl::StatusOr<std::string> Snapshot(bool skip_head) = 0;
  // Does at once what otherwise happens by and by: moves old samples of the head to blocks, lets
  // idle series go, takes a checkpoint where one is due, merges blocks, applies the retention.
  virtual absl::Status Maintain() = 0;

  // What was appended, for those who send it on; null before the store is open. Valid until Close.
  virtual JournalFeed* Feed() = 0;

  // Syncs the journal and closes it. Appends fail from now on. The destructor calls it.
  virtual absl::Status Close() = 0;
};

}  // namespace tidemark::tsdb
