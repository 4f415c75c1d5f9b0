#include "tsdb/block/series_walk.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace tidemark::tsdb {
namespace {

// Series whose labels are in memory at a time: some pages of the index.
constexpr uint32_t kBatch = 1024;

class BlockWalk : public SeriesWalk {
 public:
  BlockWalk(std::shared_ptr<const BlockFiles> files, std::shared_ptr<const Tombstones> tombstones)
      : files_(std::move(files)),
        tombstones_(std::move(tombstones)),
        deleted_(tombstones_->begin()),
        chunks_(*files_->chunks, /*fill_cache=*/false) {}

  absl::StatusOr<bool> Next() override {
    if (next_ == files_->index->num_series()) return false;
    if (next_ % kBatch == 0) RETURN_IF_ERROR(ReadBatch());
    ++next_;
    labels_ = LabelSet::FromKnownBytes(batch_[number() % kBatch]);
    while (deleted_ != tombstones_->end() && deleted_->first < number()) ++deleted_;
    return true;
  }
  const LabelSet& labels() const override { return labels_; }
  absl::Status Read(SampleColumns& out) override {
    RETURN_IF_ERROR(files_->Note(chunks_.Read(number(), TimeRange(), out)));
    if (deleted_ != tombstones_->end() && deleted_->first == number()) {
      deleted_->second.RemoveFrom(out);
    }
    return absl::OkStatus();
  }

 private:
  uint32_t number() const { return next_ - 1; }
  absl::Status ReadBatch() {
    std::vector<uint32_t> numbers(std::min(kBatch, files_->index->num_series() - next_));
    std::iota(numbers.begin(), numbers.end(), next_);
    return files_->Note(files_->index->ReadLabels(numbers, batch_));
  }

  const std::shared_ptr<const BlockFiles> files_;
  const std::shared_ptr<const Tombstones> tombstones_;
  Tombstones::const_iterator deleted_;  // the first of a series that is not before this one
  ChunkCursor chunks_;
  uint32_t next_ = 0;
  LabelList batch_;  // the labels of those around the series
  LabelSet labels_;
};

}  // namespace

std::unique_ptr<SeriesWalk> NewSeriesWalk(std::shared_ptr<const BlockFiles> files,
                                          std::shared_ptr<const Tombstones> tombstones) {
  return std::make_unique<BlockWalk>(std::move(files), std::move(tombstones));
}

}  // namespace tidemark::tsdb
