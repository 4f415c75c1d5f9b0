#include "tsdb/index/label_index.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tsdb/index/select_postings.h"

namespace tidemark::tsdb {

// The index as SelectPostings sees it. Never fails.
class LabelIndex::Source : public PostingSource {
 public:
  explicit Source(const LabelIndex& index) : index_(index) {}

  PostingSet All() override { return PostingSet(index_.all_); }

  absl::Status Find(const LabelView& label, PostingUnion& out) override {
    if (const ValueSet* values = index_.FindName(label.name); values != nullptr) {
      const auto found = values->find(label.value);
      if (found != values->end()) out.Add(index_.postings_[*found]);
    }
    return absl::OkStatus();
  }

  absl::Status FindName(std::string_view name, PostingUnion& out) override {
    if (const ValueSet* values = index_.FindName(name); values != nullptr) {
      for (const PairId id : *values) out.Add(index_.postings_[id]);
    }
    return absl::OkStatus();
  }

  absl::Status Scan(std::string_view name, std::string_view prefix,
                    absl::FunctionRef<bool(std::string_view)> keep, PostingUnion& out) override {
    const ValueSet* values = index_.FindName(name);
    if (values == nullptr) return absl::OkStatus();
    for (auto it = values->lower_bound(prefix); it != values->end(); ++it) {
      const std::string_view value = index_.symbols_.pair(*it).value;
      if (!value.starts_with(prefix)) break;
      if (keep(value)) out.Add(index_.postings_[*it]);
    }
    return absl::OkStatus();
  }

 private:
  const LabelIndex& index_;
};

void LabelIndex::Add(uint32_t series, std::span<const PairId> labels) {
  all_.Add(series);
  for (const PairId id : labels) {
    if (id >= postings_.size()) postings_.resize(id + 1);
    PostingList& list = postings_[id];
    if (list.size() == 0) {
      ++num_pairs_;
      names_.try_emplace(symbols_.pair(id).name, ByValue{&symbols_}).first->second.insert(id);
    }
    list.Add(series);
  }
}

// A counting sort of (pair, series) by pair.
void LabelIndex::Append(std::span<const uint32_t> series, PairId pairs_end,
                        absl::FunctionRef<std::span<const PairId>(uint32_t)> labels_of) {
  all_.Append(series);
  std::vector<uint32_t> counts(pairs_end);
  std::vector<PairId> used;
  size_t num_labels = 0;
  for (const uint32_t i : series) {
    for (const PairId id : labels_of(i)) {
      if (counts[id]++ == 0) used.push_back(id);
      ++num_labels;
    }
  }
  std::vector<uint32_t>& ends = counts;
  uint32_t sum = 0;
  for (const PairId id : used) ends[id] = std::exchange(sum, sum + ends[id]);
  std::vector<uint32_t> sorted(num_labels);
  for (const uint32_t i : series) {
    for (const PairId id : labels_of(i)) sorted[ends[id]++] = i;
  }
  if (postings_.size() < pairs_end) postings_.resize(pairs_end);
  std::vector<PairId> added;
  uint32_t begin = 0;
  for (const PairId id : used) {
    if (postings_[id].size() == 0) added.push_back(id);
    postings_[id].Append(std::span(sorted).subspan(begin, ends[id] - begin));
    begin = ends[id];
  }
  AddValues(std::move(added));
}

void LabelIndex::AddValues(std::vector<PairId> ids) {
  num_pairs_ += ids.size();
  std::sort(ids.begin(), ids.end(), [&](PairId a, PairId b) {
    const auto name_a = symbols_.name_of(a), name_b = symbols_.name_of(b);
    return name_a != name_b ? name_a < name_b : symbols_.pair(a).value < symbols_.pair(b).value;
  });
  for (auto begin = ids.begin(); begin != ids.end();) {
    const auto end = std::find_if(begin, ids.end(), [&](PairId id) {
      return symbols_.name_of(id) != symbols_.name_of(*begin);
    });
    ValueSet& values =
        names_.try_emplace(symbols_.pair(*begin).name, ByValue{&symbols_}).first->second;
    values.insert(begin, end);
    begin = end;
  }
}

void LabelIndex::Remove(uint32_t series, std::span<const PairId> labels) {
  all_.Remove(series);
  for (const PairId id : labels) {
    PostingList& list = postings_[id];
    if (list.size() == 0) continue;
    list.Remove(series);
    if (list.size() > 0) continue;
    --num_pairs_;
    const auto name = names_.find(symbols_.pair(id).name);
    name->second.erase(id);
    if (name->second.empty()) names_.erase(name);
  }
}

PostingSet LabelIndex::Select(std::span<const LabelMatcher> matchers) const {
  Source source(*this);
  return *SelectPostings(source, matchers);
}

const LabelIndex::ValueSet* LabelIndex::FindName(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : &found->second;
}

template <typename Keep>
std::vector<std::string> LabelIndex::NamesWhere(Keep keep) const {
  std::vector<std::string> names;
  for (const auto& [name, values] : names_) {
    if (keep(values)) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> LabelIndex::Names() const {
  return NamesWhere([](const ValueSet&) { return true; });
}

std::vector<std::string> LabelIndex::NamesOf(const PostingSet& among) const {
  return NamesWhere([&](const ValueSet& values) {
    return std::any_of(values.begin(), values.end(),
                       [&](PairId id) { return among.Intersects(postings_[id]); });
  });
}

std::vector<std::string> LabelIndex::Values(std::string_view name) const {
  std::vector<std::string> found;
  if (const ValueSet* values = FindName(name); values != nullptr) {
    for (const PairId id : *values) found.emplace_back(symbols_.pair(id).value);
  }
  return found;
}

std::vector<std::string> LabelIndex::ValuesOf(std::string_view name,
                                              const PostingSet& among) const {
  std::vector<std::string> found;
  if (const ValueSet* values = FindName(name); values != nullptr) {
    for (const PairId id : *values) {
      if (among.Intersects(postings_[id])) found.emplace_back(symbols_.pair(id).value);
    }
  }
  return found;
}

}  // namespace tidemark::tsdb
