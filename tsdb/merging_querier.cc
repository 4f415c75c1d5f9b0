#include "tsdb/merging_querier.h"

#include <algorithm>
#include <set>

#include "base/status_macros.h"

namespace tidemark::tsdb {
namespace {

class MergedSeriesSet : public SeriesSet {
 public:
  // Each set ascends by label set.
  explicit MergedSeriesSet(std::vector<std::unique_ptr<SeriesSet>> sets) : sets_(std::move(sets)) {
    std::vector<size_t> next(sets_.size());  // of each set
    size_t num_left = 0;
    for (const auto& set : sets_) num_left += set->size();
    places_.reserve(num_left);
    while (num_left > 0) {
      const LabelSet* smallest = nullptr;
      for (uint32_t s = 0; s < sets_.size(); ++s) {
        if (next[s] == sets_[s]->size()) continue;
        const LabelSet& labels = sets_[s]->labels(next[s]);
        if (smallest == nullptr || labels < *smallest) smallest = &labels;
      }
      begins_.push_back(places_.size());
      for (uint32_t s = 0; s < sets_.size(); ++s) {
        if (next[s] == sets_[s]->size() || sets_[s]->labels(next[s]) != *smallest) continue;
        places_.push_back({s, next[s]++});
        --num_left;
      }
    }
    begins_.push_back(places_.size());
  }

  size_t size() const override { return begins_.size() - 1; }
  const LabelSet& labels(size_t i) const override {
    const Place& first = places_[begins_[i]];
    return sets_[first.set]->labels(first.index);
  }
  absl::Status Read(size_t i, SampleColumns& out) const override {
    return MergeAll(i, out, [](const SeriesSet& set, size_t index, SampleColumns& samples) {
      return set.Read(index, samples);
    });
  }
  absl::Status ReadRange(size_t i, TimeRange range, SampleColumns& out) const override {
    return MergeAll(i, out, [range](const SeriesSet& set, size_t index, SampleColumns& samples) {
      return set.ReadRange(index, range, samples);
    });
  }
  // Of a series that several hold, any chunk may have samples of another among its own.
  absl::Status ReadSummaries(size_t i, std::vector<ChunkSummary>& out) const override {
    out.clear();
    const Place& first = places_[begins_[i]];
    if (begins_[i + 1] - begins_[i] > 1) return absl::OkStatus();
    return sets_[first.set]->ReadSummaries(first.index, out);
  }

 private:
  struct Place {
    uint32_t set;
    size_t index;
  };

  template <typename ReadOne>
  absl::Status MergeAll(size_t i, SampleColumns& out, ReadOne read) const {
    SampleColumns more;
    for (size_t k = begins_[i]; k < begins_[i + 1]; ++k) {
      const bool is_first = k == begins_[i];
      RETURN_IF_ERROR(read(*sets_[places_[k].set], places_[k].index, is_first ? out : more));
      if (!is_first) MergeSamples(more, out);
    }
    return absl::OkStatus();
  }

  const std::vector<std::unique_ptr<SeriesSet>> sets_;
  std::vector<Place> places_;   // by labels, then by set
  std::vector<size_t> begins_;  // where each distinct label set starts in places_, and the end
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
