#include "tsdb/db_querier.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "tsdb/block/block_age.h"
#include "tsdb/head/head_querier.h"
#include "tsdb/merging_querier.h"

namespace tidemark::tsdb {
namespace {

// A series set that keeps the blocks alive.
class HoldingSeriesSet : public SeriesSet {
 public:
  HoldingSeriesSet(std::unique_ptr<SeriesSet> set, std::shared_ptr<const BlockList> blocks)
      : blocks_(std::move(blocks)), set_(std::move(set)) {}

  size_t size() const override { return set_->size(); }
  std::string_view label_bytes(size_t i) const override { return set_->label_bytes(i); }
  absl::Status Read(size_t i, SampleColumns& out) const override { return set_->Read(i, out); }
  absl::Status ReadRange(size_t i, TimeRange range, SampleColumns& out) const override {
    return set_->ReadRange(i, range, out);
  }
  absl::Status ReadNewest(size_t i, SampleColumns& out) const override {
    return set_->ReadNewest(i, out);
  }
  TimeRange Extent(size_t i) const override { return set_->Extent(i); }
  LabelSet KeptLabels(size_t i, const std::vector<std::string>& names) const override {
    return set_->KeptLabels(i, names);
  }
  absl::Status ReadSummaries(size_t i, std::vector<ChunkSummary>& out) const override {
    return set_->ReadSummaries(i, out);
  }

 private:
  const std::shared_ptr<const BlockList> blocks_;
  const std::unique_ptr<SeriesSet> set_;
};

class DbQuerier : public Querier {
 public:
  DbQuerier(const Head& head, std::shared_ptr<const BlockList> blocks)
      : head_(head), blocks_(std::move(blocks)) {}

  absl::StatusOr<std::unique_ptr<SeriesSet>> Select(std::span<const LabelMatcher> matchers,
                                                    TimeRange range) const override {
    ASSIGN_OR_RETURN(std::unique_ptr<SeriesSet> set, Over(range).Select(matchers, range));
    return std::make_unique<HoldingSeriesSet>(std::move(set), blocks_);
  }
  absl::StatusOr<std::vector<std::string>> LabelNames(std::span<const LabelMatcher> matchers,
                                                      TimeRange range) const override {
    return Over(range).LabelNames(matchers, range);
  }
  absl::StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                       std::span<const LabelMatcher> matchers,
                                                       TimeRange range) const override {
    return Over(range).LabelValues(name, matchers, range);
  }

 private:
  // Of samples at the same time the one stored first has the say: blocks by age, then the head.
  MergingQuerier Over(TimeRange range) const {
    std::vector<const Block*> wanted;
    for (const std::shared_ptr<Block>& block : *blocks_) {
      if (block->meta().range().Overlaps(range)) wanted.push_back(block.get());
    }
    std::sort(wanted.begin(), wanted.end(),
              [](const Block* a, const Block* b) { return IsOlder(a->meta(), b->meta()); });
    std::vector<std::unique_ptr<Querier>> queriers;
    for (const Block* block : wanted) queriers.push_back(block->NewQuerier());
    queriers.push_back(NewHeadQuerier(head_));
    return MergingQuerier(std::move(queriers));
  }

  const Head& head_;
  const std::shared_ptr<const BlockList> blocks_;
};

}  // namespace

std::unique_ptr<Querier> NewDbQuerier(const Head& head, std::shared_ptr<const BlockList> blocks) {
  return std::make_unique<DbQuerier>(head, std::move(blocks));
}

}  // namespace tidemark::tsdb
