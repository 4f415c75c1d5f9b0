#include "tsdb/compaction/compactor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "tsdb/block/block_age.h"

namespace tidemark::tsdb {
namespace {

// Where the merge stands in one block.
struct Cursor {
  std::unique_ptr<SeriesWalk> series;
  size_t age = 0;  // 0 is the oldest block
};

// For the heap, whose front is to be the least: by label set, then the oldest block.
bool IsAfter(const Cursor& a, const Cursor& b) {
  const auto order = a.series->labels() <=> b.series->labels();
  return order != 0 ? order > 0 : a.age > b.age;
}

absl::StatusOr<std::vector<Cursor>> CursorsOf(std::span<const std::shared_ptr<Block>> blocks) {
  std::vector<const Block*> by_age;
  for (const std::shared_ptr<Block>& block : blocks) by_age.push_back(block.get());
  std::sort(by_age.begin(), by_age.end(),
            [](const Block* a, const Block* b) { return IsOlder(a->meta(), b->meta()); });
  std::vector<Cursor> cursors;
  for (const Block* block : by_age) {
    Cursor cursor{block->NewWalk(), cursors.size()};
    ASSIGN_OR_RETURN(const bool has_series, cursor.series->Next());
    if (has_series) cursors.push_back(std::move(cursor));
  }
  std::make_heap(cursors.begin(), cursors.end(), IsAfter);
  return cursors;
}

// Reads the series at the front of the heap from all blocks that have it, and moves on.
absl::Status ReadNext(std::vector<Cursor>& heap, LabelSet& labels, SampleColumns& samples,
                      SampleColumns& scratch) {
  labels = heap.front().series->labels();
  samples.clear();
  while (!heap.empty() && heap.front().series->labels() == labels) {
    std::pop_heap(heap.begin(), heap.end(), IsAfter);
    Cursor& cursor = heap.back();
    RETURN_IF_ERROR(cursor.series->Read(scratch));
    MergeSamples(scratch, samples);
    ASSIGN_OR_RETURN(const bool has_more, cursor.series->Next());
    if (has_more) {
      std::push_heap(heap.begin(), heap.end(), IsAfter);
    } else {
      heap.pop_back();
    }
  }
  return absl::OkStatus();
}

}  // namespace

BlockMeta MergedMeta(std::span<const std::shared_ptr<Block>> blocks, TimestampMs now) {
  BlockMeta merged;
  merged.ulid = NewUlid(now);
  merged.min_time = kMaxTimestamp;
  merged.max_time = kMinTimestamp;
  std::set<std::string> sources;
  for (const std::shared_ptr<Block>& block : blocks) {
    const BlockMeta& meta = block->meta();
    merged.min_time = std::min(merged.min_time, meta.min_time);
    merged.max_time = std::max(merged.max_time, meta.max_time);
    merged.compaction.level = std::max(merged.compaction.level, meta.compaction.level + 1);
    merged.compaction.parents.push_back(meta.ulid);
    sources.insert(meta.compaction.sources.begin(), meta.compaction.sources.end());
  }
  merged.compaction.sources.assign(sources.begin(), sources.end());
  return merged;
}

absl::Status MergeSeries(std::span<const std::shared_ptr<Block>> blocks, BlockWriter& writer,
                         const std::function<bool()>& stop) {
  ASSIGN_OR_RETURN(std::vector<Cursor> heap, CursorsOf(blocks));
  LabelSet labels;
  SampleColumns samples, scratch;
  while (!heap.empty()) {
    if (stop()) return absl::CancelledError("merging blocks was stopped");
    RETURN_IF_ERROR(ReadNext(heap, labels, samples, scratch));
    RETURN_IF_ERROR(writer.Add(labels, samples));
  }
  return absl::OkStatus();
}

absl::StatusOr<BlockMeta> MergeBlocks(std::span<const std::shared_ptr<Block>> blocks,
                                      const std::string& parent, TimestampMs now,
                                      const std::function<bool()>& stop) {
  ASSIGN_OR_RETURN(std::unique_ptr<BlockWriter> writer,
                   BlockWriter::Create(parent, MergedMeta(blocks, now)));
  RETURN_IF_ERROR(MergeSeries(blocks, *writer, stop));
  return writer->Finish();
}

}  // namespace tidemark::tsdb
