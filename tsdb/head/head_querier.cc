#include "tsdb/head/head_querier.h"

#include <algorithm>
#include <numeric>

namespace tidemark::tsdb {
namespace {

using PairId = SymbolTable::PairId;

// Sorts pins by label set. All series of a selection share few label pairs, so the pairs are ranked
// once and series compared by rank: numbers instead of strings.
class LabelOrder {
 public:
  LabelOrder(const Head& head, const std::vector<SeriesPin>& pins) : head_(head) {
    std::vector<PairId> distinct;
    for (const SeriesPin& pin : pins) {
      for (const PairId id : head.series(pin.series).label_span()) {
        if (rank_.try_emplace(id, 0).second) distinct.push_back(id);
      }
    }
    const SymbolTable& symbols = head.symbols();
    std::sort(distinct.begin(), distinct.end(), [&](PairId a, PairId b) {
      const LabelView left = symbols.pair(a), right = symbols.pair(b);
      const int c = left.name.compare(right.name);
      return c != 0 ? c < 0 : left.value < right.value;
    });
    for (uint32_t i = 0; i < distinct.size(); ++i) rank_[distinct[i]] = i;
  }

  void Sort(std::vector<SeriesPin>& pins) const {
    std::vector<uint32_t> ranks, begins;  // of pin i: ranks[begins[i]] to ranks[begins[i + 1]]
    begins.push_back(0);
    for (const SeriesPin& pin : pins) {
      for (const PairId id : head_.series(pin.series).label_span()) {
        ranks.push_back(rank_.find(id)->second);
      }
      begins.push_back(static_cast<uint32_t>(ranks.size()));
    }
    std::vector<uint32_t> order(pins.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return std::lexicographical_compare(ranks.begin() + begins[a], ranks.begin() + begins[a + 1],
                                          ranks.begin() + begins[b], ranks.begin() + begins[b + 1]);
    });
    std::vector<SeriesPin> sorted;
    sorted.reserve(pins.size());
    for (const uint32_t i : order) sorted.push_back(std::move(pins[i]));
    pins = std::move(sorted);
  }

 private:
  const Head& head_;
  absl::flat_hash_map<PairId, uint32_t> rank_;
};

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
    LabelOrder(head_, pins).Sort(pins);
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
