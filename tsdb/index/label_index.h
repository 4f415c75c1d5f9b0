#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"

#include "base/labels/label_matcher.h"
#include "base/strings.h"
#include "tsdb/index/posting_list.h"
#include "tsdb/index/symbol_table.h"

namespace tidemark::tsdb {

// Which series carry which labels: label pair -> posting list, label name -> its values in order.
// Thread-compatible; `symbols` outlives it and is the table the pairs were interned in.
class LabelIndex {
 public:
  using PairId = SymbolTable::PairId;

  explicit LabelIndex(const SymbolTable& symbols) : symbols_(symbols) {}

  void Add(uint32_t series, std::span<const PairId> labels);
  // Adds ascending series, all of them beyond those in the index: what Add does, some times as
  // fast. Their pairs are below `pairs_end`. Takes four bytes a label while it runs.
  void Append(std::span<const uint32_t> series, PairId pairs_end,
              absl::FunctionRef<std::span<const PairId>(uint32_t)> labels_of);
  void Remove(uint32_t series, std::span<const PairId> labels);

  // The series that pass all matchers: SelectPostings over this index.
  PostingSet Select(std::span<const LabelMatcher> matchers) const;

  // Names with at least one series; the values of `name` with at least one; sorted.
  std::vector<std::string> Names() const;
  std::vector<std::string> Values(std::string_view name) const;
  // The same, of the series in `among` only.
  std::vector<std::string> NamesOf(const PostingSet& among) const;
  std::vector<std::string> ValuesOf(std::string_view name, const PostingSet& among) const;

  size_t num_pairs() const { return num_pairs_; }  // with at least one series
  // Calls `visit(label, number of series)` for each of them, names together.
  template <typename Visit>
  void ForEachPair(Visit visit) const {
    for (const auto& [name, values] : names_) {
      for (const PairId id : values) visit(symbols_.pair(id), postings_[id].size());
    }
  }

 private:
  struct ByValue {
    const SymbolTable* symbols;
    using is_transparent = void;
    bool operator()(PairId a, PairId b) const { return Value(a) < Value(b); }
    bool operator()(PairId a, std::string_view b) const { return Value(a) < b; }
    bool operator()(std::string_view a, PairId b) const { return a < Value(b); }
    std::string_view Value(PairId id) const { return symbols->pair(id).value; }
  };
  using ValueSet = absl::btree_set<PairId, ByValue>;

  class Source;
  void AddValues(std::vector<PairId> ids);
  const ValueSet* FindName(std::string_view name) const;
  template <typename Keep>
  std::vector<std::string> NamesWhere(Keep keep) const;

  const SymbolTable& symbols_;
  PostingList all_;
  std::vector<PostingList> postings_;  // by PairId
  // The names are views of the symbol table.
  absl::flat_hash_map<std::string_view, ValueSet, StringHash, StringEq> names_;
  size_t num_pairs_ = 0;
};

}  // namespace tidemark::tsdb
