#include "tsdb/merging_querier.h"

#include <algorithm>
#include <set>

#include "base/status_macros.h"

namespace tidemark::tsdb {
namespace {

class MergedSeriesSet : public SeriesSet {
 public:
  explicit MergedSeriesSet(std::vector<std::unique_ptr<SeriesSet>> sets) : sets_(std::move(sets)) {
    for (uint32_t s = 0; s < sets_.size(); ++s) {
      for (size_t i = 0; i < sets_[s]->size(); ++i) places_.push_back({s, i});
    }
    std::sort(places_.begin(), places_.end(), [&](const Place& a, const Place& b) {
      const auto order = LabelsAt(a) <=> LabelsAt(b);
      return order != 0 ? order < 0 : a.set < b.set;
    });
    for (size_t i = 0; i < places_.size(); ++i) {
      if (i == 0 || LabelsAt(places_[i]) != LabelsAt(places_[i - 1])) begins_.push_back(i);
    }
  }

  size_t size() const override { return begins_.size(); }
  const LabelSet& labels(size_t i) const override { return LabelsAt(places_[begins_[i]]); }
  absl::Status Read(size_t i, SampleColumns& out) const override {
    const size_t begin = begins_[i];
    const size_t end = i + 1 < begins_.size() ? begins_[i + 1] : places_.size();
    RETURN_IF_ERROR(sets_[places_[begin].set]->Read(places_[begin].index, out));
    SampleColumns more;
    for (size_t k = begin + 1; k < end; ++k) {
      RETURN_IF_ERROR(sets_[places_[k].set]->Read(places_[k].index, more));
      MergeSamples(more, out);
    }
    return absl::OkStatus();
  }

 private:
  struct Place {
    uint32_t set;
    size_t index;
  };
  const LabelSet& LabelsAt(const Place& place) const {
    return sets_[place.set]->labels(place.index);
  }

  const std::vector<std::unique_ptr<SeriesSet>> sets_;
  std::vector<Place> places_;   // by labels, then by set
  std::vector<size_t> begins_;  // where each distinct label set starts in places_
};

// The union of what `ask` gives for each querier, sorted.
template <typename Ask>
absl::StatusOr<std::vector<std::string>> UnionOf(
    const std::vector<std::unique_ptr<Querier>>& queriers, Ask ask) {
  std::set<std::string> all;
  for (const auto& querier : queriers) {
    ASSIGN_OR_RETURN(std::vector<std::string> some, ask(*querier));
    for (std::string& s : some) all.insert(std::move(s));
  }
  return std::vector<std::string>(all.begin(), all.end());
}

}  // namespace

absl::StatusOr<std::unique_ptr<SeriesSet>> MergingQuerier::Select(
    std::span<const LabelMatcher> matchers, TimeRange range) const {
  std::vector<std::unique_ptr<SeriesSet>> sets;
  for (const auto& querier : queriers_) {
    ASSIGN_OR_RETURN(std::unique_ptr<SeriesSet> set, querier->Select(matchers, range));
    if (set->size() > 0) sets.push_back(std::move(set));
  }
  if (sets.size() == 1) return std::move(sets[0]);
  return std::make_unique<MergedSeriesSet>(std::move(sets));
}

absl::StatusOr<std::vector<std::string>> MergingQuerier::LabelNames(
    std::span<const LabelMatcher> matchers, TimeRange range) const {
  return UnionOf(queriers_, [&](const Querier& q) { return q.LabelNames(matchers, range); });
}

absl::StatusOr<std::vector<std::string>> MergingQuerier::LabelValues(
    std::string_view name, std::span<const LabelMatcher> matchers, TimeRange range) const {
  return UnionOf(queriers_, [&](const Querier& q) { return q.LabelValues(name, matchers, range); });
}

}  // namespace tidemark::tsdb
