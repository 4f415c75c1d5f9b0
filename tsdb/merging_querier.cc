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
    std::vector<uint32_t> next(sets_.size());        // of each set
    std::vector<std::string_view> at(sets_.size());  // the labels there
    std::vector<uint32_t> holders;                   // the sets that have the smallest of them
    size_t num_left = 0;
    for (const auto& set : sets_) num_left += set->size();
    places_.reserve(num_left);
    while (num_left > 0) {
      // Mostly the same series comes next in all sets, so equality is asked for first.
      holders.clear();
      for (uint32_t s = 0; s < sets_.size(); ++s) {
        if (next[s] == sets_[s]->size()) continue;
        at[s] = sets_[s]->label_bytes(next[s]);
        const bool equal = !holders.empty() && at[s] == at[holders[0]];
        if (!equal && !holders.empty()) {
          if (CompareEncodedLabels(at[holders[0]], at[s]) < 0) continue;
          holders.clear();
        }
        holders.push_back(s);
      }
      begins_.push_back(places_.size());
      for (const uint32_t s : holders) places_.push_back({s, next[s]++});
      num_left -= holders.size();
    }
    begins_.push_back(places_.size());
  }

  size_t size() const override { return begins_.size() - 1; }
  std::string_view label_bytes(size_t i) const override {
    const Place& first = places_[begins_[i]];
    return sets_[first.set]->label_bytes(first.index);
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
  absl::Status ReadNewest(size_t i, SampleColumns& out) const override {
    out.clear();
    SampleColumns one;
    for (size_t k = begins_[i]; k < begins_[i + 1]; ++k) {
      const Place& place = places_[k];
      const TimestampMs newest = out.Extent().max;
      if (out.has_samples() && ExtentOf(place).max <= newest) continue;
      RETURN_IF_ERROR(sets_[place.set]->ReadNewest(place.index, one));
      // At a time that several hold, the first of them has the say.
      if (!one.has_samples() || (out.has_samples() && one.Extent().max <= newest)) continue;
      std::swap(out, one);
    }
    return absl::OkStatus();
  }
  TimeRange Extent(size_t i) const override {
    TimeRange all = ExtentOf(places_[begins_[i]]);
    for (size_t k = begins_[i] + 1; k < begins_[i + 1]; ++k) {
      const TimeRange one = ExtentOf(places_[k]);
      all = {std::min(all.min, one.min), std::max(all.max, one.max)};
    }
    return all;
  }
  // Of a series that several hold, a chunk may have samples of another set among its own: those
  // count that lie outside all other extents.
  absl::Status ReadSummaries(size_t i, std::vector<ChunkSummary>& out) const override {
    out.clear();
    std::vector<ChunkSummary> more;
    for (size_t k = begins_[i]; k < begins_[i + 1]; ++k) {
      RETURN_IF_ERROR(sets_[places_[k].set]->ReadSummaries(places_[k].index, more));
      for (const ChunkSummary& summary : more) {
        if (IsAlone(i, k, summary.range)) out.push_back(summary);
      }
    }
    if (begins_[i + 1] - begins_[i] > 1) {
      std::sort(out.begin(), out.end(), [](const ChunkSummary& a, const ChunkSummary& b) {
        return a.range.min < b.range.min;
      });
    }
    return absl::OkStatus();
  }

 private:
  struct Place {
    uint32_t set;
    uint32_t index;
  };

  TimeRange ExtentOf(const Place& place) const { return sets_[place.set]->Extent(place.index); }
  // Whether none of the other sets has samples of series `i` in the range of a chunk of places_[k].
  bool IsAlone(size_t i, size_t k, const TimeRange& range) const {
    for (size_t other = begins_[i]; other < begins_[i + 1]; ++other) {
      if (other != k && ExtentOf(places_[other]).Overlaps(range)) return false;
    }
    return true;
  }

  template <typename ReadOne>
  absl::Status MergeAll(size_t i, SampleColumns& out, ReadOne read) const {
    // Lent and given back, so that reading allocates nothing in the steady state; a set among the
    // sets may be a merged one.
    thread_local SampleColumns kept;
    SampleColumns more = std::move(kept);
    for (size_t k = begins_[i]; k < begins_[i + 1]; ++k) {
      const bool is_first = k == begins_[i];
      RETURN_IF_ERROR(read(*sets_[places_[k].set], places_[k].index, is_first ? out : more));
      if (!is_first) MergeSamples(more, out);
    }
    kept = std::move(more);
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
