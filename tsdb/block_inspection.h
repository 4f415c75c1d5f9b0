#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "tsdb/block/block_meta.h"
#include "tsdb/querier.h"

// What `tidectl tsdb` says of a data directory, which a server may have open: nothing is changed.
// Errors of all calls:
//   NotFound             there is no such directory, or no such block in it
//   DataLoss             damaged bytes; the message names the file
//   FailedPrecondition   a newer version wrote them
namespace tidemark::tsdb {

struct StoredBlock {
  BlockMeta meta;
  std::string directory;
  uint64_t disk_bytes = 0;
};

// The blocks of a data directory, or of a directory that holds blocks itself, ascending by time.
// One that cannot be opened goes to `damages`, "FILE: what".
absl::StatusOr<std::vector<StoredBlock>> ListBlocks(const std::string& directory,
                                                    std::vector<std::string>* damages);

// How the labels of a block's series are spread.
struct BlockAnalysis {
  using Ranking = std::vector<std::pair<std::string, uint64_t>>;  // descending

  StoredBlock block;
  uint64_t num_label_names = 0;
  uint64_t num_label_pairs = 0;    // distinct ones
  uint64_t num_label_entries = 0;  // of all series together
  // "name=value", and name: series, each less the part of the block's time between its first and
  // its last sample
  Ranking churning_pairs, churning_names;
  Ranking common_pairs;        // "name=value": series
  Ranking value_bytes;         // label name: length of its values together
  Ranking label_cardinality;   // label name: its values
  Ranking metric_cardinality;  // metric name: its series
};

// Each ranking has at most `limit` entries. Memory: the block's label pairs. Reads all samples.
absl::StatusOr<BlockAnalysis> AnalyzeBlock(const StoredBlock& block, size_t limit);

using SeriesVisitor =
    std::function<absl::Status(const LabelSet& labels, const SampleColumns& samples)>;

// Gives every series of all blocks that passes all matchers of one of `selectors`, ascending, with
// its samples in `range`, blocks that overlap and those of `head`, which may be null, merged. Ends
// with the first error.
absl::Status VisitSeries(std::span<const StoredBlock> blocks, const Queryable* head,
                         TimeRange range, std::span<const std::vector<LabelMatcher>> selectors,
                         const SeriesVisitor& visitor);

// Reads every byte of the block and checks it.
absl::Status VerifyBlock(const StoredBlock& block);

}  // namespace tidemark::tsdb
