#include "tsdb/head/head_querier.h"

#include <algorithm>
#include <numeric>

namespace tidemark::tsdb {
namespace {

class HeadSeriesSet : public SeriesSet {
 public:
  HeadSeriesSet(const Head& head, std::vector<SeriesPin> pins, TimeRange range)
      : head_(head), pins_(std::move(pins)), range_(range) {
    labels_.reserve(pins_.size());
    for (const SeriesPin& pin : pins_) {
      labels_.push_back(LabelsOf(head.series(pin.series), head.symbols()));
    }
  }

  size_t size() const override { return pins_.size(); }
  const LabelSet& labels(size_t i) const override { return labels_[i]; }
  absl::Status Read(size_t i, SampleColumns& out) const override {
    return head_.Read(pins_[i], range_, out);
  }

 private:
  const Head& head_;
  const std::vector<SeriesPin> pins_;
  const TimeRange range_;
  std::vector<LabelSet> labels_;
};

class HeadQuerier : public Querier {
 public:
  explicit HeadQuerier(const Head& head) : head_(head) {}

  absl::StatusOr<std::unique_ptr<SeriesSet>> Select(std::span<const LabelMatcher> matchers,
                                                    TimeRange range) const override {
    std::vector<SeriesPin> pins = head_.Select(matchers, range);
    head_.SortByLabels(pins);
    return std::make_unique<HeadSeriesSet>(head_, std::move(pins), range);
  }
  absl::StatusOr<std::vector<std::string>> LabelNames(std::span<const LabelMatcher> matchers,
                                                      TimeRange range) const override {
    return head_.LabelNames(matchers, range);
  }
  absl::StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                       std::span<const LabelMatcher> matchers,
                                                       TimeRange range) const override {
    return head_.LabelValues(name, matchers, range);
  }

 private:
  const Head& head_;
};

}  // namespace

std::unique_ptr<Querier> NewHeadQuerier(const Head& head) {
  return std::make_unique<HeadQuerier>(head);
}

}  // namespace tidemark::tsdb
