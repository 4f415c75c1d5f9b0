#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

#include "base/labels/label_set.h"
#include "base/strings.h"
#include "tsdb/index/segmented_vector.h"

namespace tidemark::tsdb {

// Label names and label pairs by number, each stored once: a series is then an array of PairIds,
// and equal pairs are equal numbers. Numbers start at 0; that of a pair which as often was released
// as interned is given away again. One thread at a time interns and releases; the accessors may run
// beside it for numbers that were handed to the reading thread under some lock and are not
// released.
class SymbolTable {
 public:
  using NameId = uint32_t;
  using PairId = uint32_t;

  SymbolTable();
  SymbolTable(const SymbolTable&) = delete;
  SymbolTable& operator=(const SymbolTable&) = delete;

  // The number of a pair, new where it is unknown. Copies what it keeps.
  PairId Intern(const LabelView& label);
  // What Intern does for a pair whose number is known.
  void Retain(PairId id) { ++num_uses_[id]; }
  // Takes back one Intern of a pair.
  void Release(PairId id);

  LabelView pair(PairId id) const {
    const Pair& p = pairs_[id];
    return {names_[p.name], {p.value, p.value_size}};
  }
  NameId name_of(PairId id) const { return pairs_[id].name; }
  std::string_view name(NameId id) const { return names_[id]; }
  size_t num_pairs() const { return pair_ids_.size(); }
  PairId pairs_end() const { return static_cast<PairId>(pairs_.size()); }  // beyond all numbers
  size_t num_names() const { return names_.size(); }

 private:
  struct Pair {
    const char* value;
    uint32_t value_size;
    NameId name;
  };
  // Pairs are found by name number and value; the set holds only their numbers.
  struct Key {
    NameId name;
    std::string_view value;
  };
  struct PairHash {
    using is_transparent = void;
    const SegmentedVector<Pair>* pairs;
    size_t operator()(const Key& key) const;
    size_t operator()(PairId id) const;
  };
  struct PairEq {
    using is_transparent = void;
    const SegmentedVector<Pair>* pairs;
    bool operator()(PairId a, PairId b) const { return a == b; }
    bool operator()(PairId id, const Key& key) const;
    bool operator()(const Key& key, PairId id) const { return (*this)(id, key); }
  };

  std::string_view Keep(std::string_view bytes);
  std::string_view KeepValue(std::string_view value);

  std::vector<std::unique_ptr<char[]>> arena_;  // the bytes of names and values
  size_t arena_left_ = 0;
  char* arena_next_ = nullptr;
  SegmentedVector<std::string_view> names_;
  SegmentedVector<Pair> pairs_;
  SegmentedVector<uint32_t> num_uses_;  // of each pair
  std::vector<PairId> free_pairs_;
  absl::flat_hash_map<size_t, std::vector<char*>> free_values_;  // pieces of arena_, by size
  absl::flat_hash_map<std::string_view, NameId, StringHash, StringEq> name_ids_;
  absl::flat_hash_set<PairId, PairHash, PairEq> pair_ids_;
};

}  // namespace tidemark::tsdb
