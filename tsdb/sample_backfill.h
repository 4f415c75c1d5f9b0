#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "tsdb/block/block_meta.h"
#include "tsdb/block_factory.h"

namespace tidemark::tsdb {

// Samples in whatever order, which can be read more than once and are the same each time.
class SampleSource {
 public:
  // Series have numbers from 0 on, in the order in which Read gives them first.
  using Sink = std::function<void(uint32_t series, TimestampMs timestamp, double value)>;

  virtual ~SampleSource() = default;
  virtual absl::Status Read(const Sink& sink) = 0;
  // The labels of all series by number; called once, after the first Read. Two series may have the
  // same ones.
  virtual std::vector<LabelSet> TakeLabels() = 0;
};

struct BackfillReport {
  std::vector<BlockMeta> blocks;  // written
  uint64_t num_duplicates = 0;    // samples left out: an earlier one has their series and time
};

// Writes the samples into blocks of `block_duration`, aligned to multiples of it. Memory: the label
// sets, and at most `samples_bytes` for samples at a time; where there are more of them, or more
// than kMaxOpenBlocks blocks, the source is read several times. Errors are those of the source and
// of the factory.
absl::Status BackfillSamples(SampleSource& source, DurationMs block_duration, size_t samples_bytes,
                             const BlockFactory& new_block, BackfillReport& report);

// Blocks that are open for writing at one time: each takes some memory and some files.
inline constexpr size_t kMaxOpenBlocks = 32;

}  // namespace tidemark::tsdb
