#include "tsdb/index/label_index.h"

#include <algorithm>
#include <optional>

namespace tidemark::tsdb {
namespace {

// The literals of a pattern such as `a|b|c`; nullopt where it is more than that.
std::optional<std::vector<std::string_view>> LiteralAlternatives(std::string_view pattern) {
  if (pattern.find_first_of("\\.+*?()[]{}^$") != std::string_view::npos) return std::nullopt;
  std::vector<std::string_view> literals;
  while (true) {
    const size_t bar = pattern.find('|');
    literals.push_back(pattern.substr(0, bar));
    if (bar == std::string_view::npos) break;
    pattern.remove_prefix(bar + 1);
  }
  std::sort(literals.begin(), literals.end());
  literals.erase(std::unique(literals.begin(), literals.end()), literals.end());
  return literals;
}

}  // namespace

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
  // Narrow first: what demands a value intersects, cheapest kind first; what accepts an absent
  // label can only take away.
  std::vector<const LabelMatcher*> demanding, accepting;
  for (const LabelMatcher& m : matchers) (m.Matches("") ? accepting : demanding).push_back(&m);
  std::stable_sort(demanding.begin(), demanding.end(),
                   [](const LabelMatcher* a, const LabelMatcher* b) {
                     return a->op() == MatchOp::kEqual && b->op() != MatchOp::kEqual;
                   });
  std::optional<PostingSet> result;
  for (const LabelMatcher* m : demanding) {
    if (m->op() == MatchOp::kEqual) {
      const PostingList* list = FindPair({m->name(), m->value()});
      if (list == nullptr) return PostingSet();
      if (result) {
        result->IntersectWith(*list);
      } else {
        result.emplace(*list);
      }
    } else {
      PostingSet some = UnionWhere(*m, true);
      if (result) {
        result->IntersectWith(some);
      } else {
        result = std::move(some);
      }
    }
    if (result->empty()) return PostingSet();
  }
  if (!result) result.emplace(all_);
  for (const LabelMatcher* m : accepting) result->Subtract(UnionWhere(*m, false));
  return *std::move(result);
}

PostingSet LabelIndex::UnionWhere(const LabelMatcher& matcher, bool want) const {
  std::vector<const PostingList*> lists;
  const bool negative = matcher.op() == MatchOp::kNotEqual || matcher.op() == MatchOp::kNotRegex;
  // Where the wanted values are those that the text itself names, look them up.
  if (want != negative) {
    std::optional<std::vector<std::string_view>> literals;
    if (matcher.op() == MatchOp::kEqual || matcher.op() == MatchOp::kNotEqual) {
      literals.emplace({std::string_view(matcher.value())});
    } else {
      literals = LiteralAlternatives(matcher.value());
    }
    if (literals) {
      for (const std::string_view value : *literals) {
        const PostingList* list = FindPair({matcher.name(), value});
        if (list != nullptr) lists.push_back(list);
      }
      return PostingSet::UnionOf(lists);
    }
  }
  if (const ValueSet* values = FindName(matcher.name()); values != nullptr) {
    for (const PairId id : *values) {
      if (matcher.Matches(symbols_.pair(id).value) == want) lists.push_back(&postings_[id]);
    }
  }
  return PostingSet::UnionOf(lists);
}

const LabelIndex::ValueSet* LabelIndex::FindName(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : &found->second;
}

const PostingList* LabelIndex::FindPair(const LabelView& label) const {
  const ValueSet* values = FindName(label.name);
  if (values == nullptr) return nullptr;
  const auto found = values->find(label.value);
  return found == values->end() ? nullptr : &postings_[*found];
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
