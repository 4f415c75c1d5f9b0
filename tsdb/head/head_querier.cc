#include "tsdb/head/head_querier.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/call_once.h"

namespace tidemark::tsdb {
namespace {

class HeadSeriesSet : public SeriesSet {
 public:
  HeadSeriesSet(const Head& head, std::vector<SeriesPin> pins, TimeRange range)
      : head_(head), pins_(std::move(pins)), range_(range) {}

  size_t size() const override { return pins_.size(); }
  // Of all series, by the first who asks: an aggregation mostly needs KeptLabels only.
  std::string_view label_bytes(size_t i) const override {
    absl::call_once(labels_made_, [this] {
      labels_.Reserve(pins_.size());
      for (const SeriesPin& pin : pins_) {
        AppendLabels(head_.series(pin.series), head_.symbols(), labels_);
      }
    });
    return labels_[i];
  }
  LabelSet KeptLabels(size_t i, const std::vector<std::string>& names) const override {
    if (names.empty()) return LabelSet();
    return KeptLabelsOf(head_.series(pins_[i].series), head_.symbols(), names);
  }
  absl::Status Read(size_t i, SampleColumns& out) const override {
    return head_.Read(pins_[i], range_, out);
  }
  absl::Status ReadRange(size_t i, TimeRange range, SampleColumns& out) const override {
    return head_.Read(pins_[i], {std::max(range.min, range_.min), std::min(range.max, range_.max)},
                      out);
  }
  absl::Status ReadNewest(size_t i, SampleColumns& out) const override {
    return head_.ReadNewest(pins_[i], range_, out);
  }
  TimeRange Extent(size_t i) const override { return pins_[i].extent; }

 private:
  const Head& head_;
  const std::vector<SeriesPin> pins_;
  const TimeRange range_;
  mutable absl::once_flag labels_made_;
  mutable LabelList labels_;
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
