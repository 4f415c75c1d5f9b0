#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "tsdb/appender.h"
#include "tsdb/block/block_set.h"
#include "tsdb/querier.h"

namespace tidemark::testing {

// What blocks hold, as a map: the model that they are compared with. Values are bits, so that NaNs
// compare. A series without samples is not there, one of histogram_series.h has histograms.
using StoredSamples = std::map<LabelSet, std::map<TimestampMs, uint64_t>>;

StoredSamples& AddSample(const LabelSet& labels, TimestampMs t, double value, StoredSamples& to);
// `count` series `m{i="0"}`.. with a sample every `step` in [min, max); no two values are the same,
// and those of different seeds differ.
StoredSamples MakeStoredSamples(int count, TimestampMs min, TimestampMs max, DurationMs step,
                                int seed);

// Writes a block; `meta` needs its times, and takes the next ulid where it has none.
absl::StatusOr<tsdb::BlockMeta> WriteBlock(const std::string& parent, tsdb::BlockMeta meta,
                                           const StoredSamples& samples);
// All samples that a querier finds.
absl::StatusOr<StoredSamples> ReadAll(const tsdb::Querier& querier);
// Commits samples, as one batch.
absl::Status Append(const StoredSamples& samples, tsdb::Appendable& to);
// All samples of the blocks, the oldest by ulid having the say, read through their queriers.
absl::StatusOr<StoredSamples> ReadBlocks(std::span<const std::shared_ptr<tsdb::Block>> blocks);

}  // namespace tidemark::testing
