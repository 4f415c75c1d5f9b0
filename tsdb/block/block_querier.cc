#include "tsdb/block/block_querier.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/status_macros.h"

namespace tidemark::tsdb {
namespace {

bool Covers(const TimeRange& outer, const TimeRange& inner) {
  return outer.min <= inner.min && inner.max <= outer.max;
}

const IntervalSet* DeletedOf(const Tombstones& tombstones, uint32_t series) {
  const auto it = tombstones.find(series);
  return it == tombstones.end() ? nullptr : &it->second;
}

// Whether there may be samples in `range` that are not deleted.
absl::StatusOr<bool> MayHaveSamples(SpanCursor& spans, const IntervalSet* deleted, uint32_t series,
                                    TimeRange range) {
  ASSIGN_OR_RETURN(const TimeRange span, spans.Span(series));
  if (!span.Overlaps(range)) return false;
  return deleted == nullptr ||
         !deleted->Covers({std::max(span.min, range.min), std::min(span.max, range.max)});
}

// Cursors that nobody uses right now. Thread-safe.
class CursorPool {
 public:
  explicit CursorPool(const ChunksReader& chunks) : chunks_(chunks) {}

  // The one that was last near the series, another one, or a new one.
  std::unique_ptr<ChunkCursor> Take(uint32_t series) {
    {
      absl::MutexLock lock(&mu_);
      auto best = std::find_if(idle_.begin(), idle_.end(),
                               [series](const auto& cursor) { return cursor->IsAt(series); });
      if (best == idle_.end() && !idle_.empty()) best = std::prev(idle_.end());
      if (best != idle_.end()) {
        std::swap(*best, idle_.back());
        std::unique_ptr<ChunkCursor> cursor = std::move(idle_.back());
        idle_.pop_back();
        return cursor;
      }
    }
    return std::make_unique<ChunkCursor>(chunks_);
  }
  void GiveBack(std::unique_ptr<ChunkCursor> cursor) {
    absl::MutexLock lock(&mu_);
    idle_.push_back(std::move(cursor));
  }

 private:
  const ChunksReader& chunks_;
  absl::Mutex mu_;
  std::vector<std::unique_ptr<ChunkCursor>> idle_ ABSL_GUARDED_BY(mu_);
};

class BlockSeriesSet : public SeriesSet {
 public:
  BlockSeriesSet(std::shared_ptr<const BlockFiles> files,
                 std::shared_ptr<const Tombstones> tombstones, std::vector<uint32_t> numbers,
                 LabelList labels, TimeRange range)
      : files_(std::move(files)),
        tombstones_(std::move(tombstones)),
        numbers_(std::move(numbers)),
        labels_(std::move(labels)),
        range_(range),
        cursors_(*files_->chunks) {}

  size_t size() const override { return numbers_.size(); }
  std::string_view label_bytes(size_t i) const override { return labels_[i]; }

  absl::Status Read(size_t i, SampleColumns& out) const override {
    return ReadRange(i, range_, out);
  }
  absl::Status ReadRange(size_t i, TimeRange range, SampleColumns& out) const override {
    const uint32_t series = numbers_[i];
    const TimeRange both{std::max(range.min, range_.min), std::min(range.max, range_.max)};
    if (both.min > both.max) {
      out.clear();
      return absl::OkStatus();
    }
    std::unique_ptr<ChunkCursor> cursor = cursors_.Take(series);
    RETURN_IF_ERROR(files_->Note(cursor->Read(series, both, out)));
    cursors_.GiveBack(std::move(cursor));
    if (const IntervalSet* deleted = DeletedOf(*tombstones_, series)) deleted->RemoveFrom(out);
    return absl::OkStatus();
  }
  TimeRange Extent(size_t) const override { return files_->meta.range(); }
  absl::Status ReadSummaries(size_t i, std::vector<ChunkSummary>& out) const override {
    const uint32_t series = numbers_[i];
    std::unique_ptr<ChunkCursor> cursor = cursors_.Take(series);
    RETURN_IF_ERROR(
        files_->Note(cursor->ReadSummaries(series, range_, DeletedOf(*tombstones_, series), out)));
    cursors_.GiveBack(std::move(cursor));
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<const BlockFiles> files_;
  const std::shared_ptr<const Tombstones> tombstones_;
  const std::vector<uint32_t> numbers_;  // ascending
  const LabelList labels_;
  const TimeRange range_;
  mutable CursorPool cursors_;
};

class BlockQuerier : public Querier {
 public:
  BlockQuerier(std::shared_ptr<const BlockFiles> files,
               std::shared_ptr<const Tombstones> tombstones)
      : files_(std::move(files)), tombstones_(std::move(tombstones)) {}

  absl::StatusOr<std::unique_ptr<SeriesSet>> Select(std::span<const LabelMatcher> matchers,
                                                    TimeRange range) const override {
    ASSIGN_OR_RETURN(const PostingSet selected,
                     files_->Note(SelectSeries(*files_, *tombstones_, matchers, range)));
    std::vector<uint32_t> numbers = selected.ToVector();
    LabelList labels;
    RETURN_IF_ERROR(files_->Note(files_->index->ReadLabels(numbers, labels)));
    return std::make_unique<BlockSeriesSet>(files_, tombstones_, std::move(numbers),
                                            std::move(labels), range);
  }

  absl::StatusOr<std::vector<std::string>> LabelNames(std::span<const LabelMatcher> matchers,
                                                      TimeRange range) const override {
    if (SelectsAll(matchers, range)) return files_->Note(files_->index->Names());
    ASSIGN_OR_RETURN(const PostingSet selected,
                     files_->Note(SelectSeries(*files_, *tombstones_, matchers, range)));
    return files_->Note(files_->index->NamesOf(selected));
  }
  absl::StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                       std::span<const LabelMatcher> matchers,
                                                       TimeRange range) const override {
    if (SelectsAll(matchers, range)) return files_->Note(files_->index->Values(name));
    ASSIGN_OR_RETURN(const PostingSet selected,
                     files_->Note(SelectSeries(*files_, *tombstones_, matchers, range)));
    return files_->Note(files_->index->ValuesOf(name, selected));
  }

 private:
  bool SelectsAll(std::span<const LabelMatcher> matchers, TimeRange range) const {
    return matchers.empty() && tombstones_->empty() && Covers(range, files_->meta.range());
  }

  const std::shared_ptr<const BlockFiles> files_;
  const std::shared_ptr<const Tombstones> tombstones_;
};

}  // namespace

absl::StatusOr<PostingSet> SelectSeries(const BlockFiles& files, const Tombstones& tombstones,
                                        std::span<const LabelMatcher> matchers, TimeRange range) {
  if (!range.Overlaps(files.meta.range())) return PostingSet();
  ASSIGN_OR_RETURN(PostingSet selected, files.index->Select(matchers));
  if (tombstones.empty() && Covers(range, files.meta.range())) return selected;
  SpanCursor spans = files.chunks->NewSpanCursor();
  absl::Status status;
  PostingSet filtered = selected.Filter([&](uint32_t series) {
    const absl::StatusOr<bool> may =
        MayHaveSamples(spans, DeletedOf(tombstones, series), series, range);
    if (!may.ok()) status = may.status();
    return may.ok() && *may;
  });
  if (!status.ok()) return status;
  return filtered;
}

std::unique_ptr<Querier> NewBlockQuerier(std::shared_ptr<const BlockFiles> files,
                                         std::shared_ptr<const Tombstones> tombstones) {
  return std::make_unique<BlockQuerier>(std::move(files), std::move(tombstones));
}

}  // namespace tidemark::tsdb
