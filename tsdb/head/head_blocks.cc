#include "tsdb/head/head_blocks.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/run/failpoint.h"
#include "base/status_macros.h"
#include "tsdb/block/block_writer.h"

namespace tidemark::tsdb {
namespace {

// A cut of more partitions than this, the newest ones apart, is a backfill.
constexpr size_t kMaxPartitions = 24;

absl::StatusOr<BlockMeta> WriteRange(const Head& head, const HeadCut& cut, TimeRange range,
                                     const std::string& parent, TimestampMs now,
                                     const std::function<bool()>& stop) {
  BlockMeta meta;
  meta.ulid = NewUlid(now);
  meta.min_time = range.min;
  meta.max_time = SaturatingAdd(range.max, 1);
  ASSIGN_OR_RETURN(const std::unique_ptr<BlockWriter> writer, BlockWriter::Create(parent, meta));
  SampleColumns samples;
  for (const CutSeries& series : cut.series) {
    if (stop()) return absl::CancelledError("the store is closing");
    RETURN_IF_ERROR(head.ReadCut(series, range, samples));
    if (!samples.has_samples()) continue;
    RETURN_IF_ERROR(writer->Add(LabelsOf(head.series(series.series), head.symbols()), samples));
  }
  return writer->Finish();
}

}  // namespace

std::vector<TimeRange> BlockRangesOf(const HeadCut& cut, DurationMs max_range) {
  const std::vector<TimeRange>& partitions = cut.partitions;
  if (partitions.size() <= kMaxPartitions) return partitions;
  const size_t num_old = partitions.size() - kMaxPartitions / 2;
  std::vector<TimeRange> ranges;
  for (size_t i = 0; i < partitions.size(); ++i) {
    const bool joins =
        i < num_old && !ranges.empty() && partitions[i].max - ranges.back().min < max_range;
    if (joins) {
      ranges.back().max = partitions[i].max;
    } else {
      ranges.push_back(partitions[i]);
    }
  }
  return ranges;
}

absl::StatusOr<std::vector<BlockMeta>> WriteCut(const Head& head, const HeadCut& cut,
                                                const std::vector<TimeRange>& ranges,
                                                const std::string& parent, TimestampMs now,
                                                const std::function<bool()>& stop) {
  std::vector<BlockMeta> metas;
  for (const TimeRange& range : ranges) {
    absl::StatusOr<BlockMeta> meta = WriteRange(head, cut, range, parent, now, stop);
    if (!meta.ok()) {
      for (const BlockMeta& written : metas) {
        std::error_code ignored;  // what stays is found again at the next start, as a copy
        std::filesystem::remove_all(parent + "/" + written.ulid, ignored);
      }
      return meta.status();
    }
    Failpoint("cut.block_written");
    if (meta->stats.num_series > 0) metas.push_back(*std::move(meta));
  }
  return metas;
}

absl::StatusOr<BlockMeta> WriteBlockOf(const Querier& querier, TimeRange range,
                                       const std::string& parent, TimestampMs now) {
  BlockMeta meta;
  meta.ulid = NewUlid(now);
  meta.min_time = range.min;
  meta.max_time = SaturatingAdd(range.max, 1);
  ASSIGN_OR_RETURN(const std::unique_ptr<BlockWriter> writer, BlockWriter::Create(parent, meta));
  ASSIGN_OR_RETURN(const std::unique_ptr<SeriesSet> all, querier.Select({}, range));
  SampleColumns samples;
  for (size_t i = 0; i < all->size(); ++i) {
    RETURN_IF_ERROR(all->Read(i, samples));
    RETURN_IF_ERROR(writer->Add(all->labels(i), samples));
  }
  return writer->Finish();
}

}  // namespace tidemark::tsdb
