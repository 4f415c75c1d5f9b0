#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "tsdb/head/series_arena.h"

namespace tidemark::tsdb {

// Sorts things that have a member `series`, the number of a series, by label set. All series of a
// selection share few label pairs, so the pairs are ranked once and series compared by rank:
// numbers instead of strings. None of the series may leave meanwhile.
template <typename Item>
void SortByLabelSet(const SeriesArena& arena, const SymbolTable& symbols,
                    std::vector<Item>& items) {
  using PairId = SymbolTable::PairId;
  absl::flat_hash_map<PairId, uint32_t> rank;
  std::vector<PairId> distinct;
  for (const Item& item : items) {
    for (const PairId id : arena.series(item.series).label_span()) {
      if (rank.try_emplace(id, 0).second) distinct.push_back(id);
    }
  }
  std::sort(distinct.begin(), distinct.end(), [&](PairId a, PairId b) {
    const LabelView left = symbols.pair(a), right = symbols.pair(b);
    const int c = left.name.compare(right.name);
    return c != 0 ? c < 0 : left.value < right.value;
  });
  for (uint32_t i = 0; i < distinct.size(); ++i) rank[distinct[i]] = i;

  std::vector<uint32_t> ranks, begins;  // of item i: ranks[begins[i]] to ranks[begins[i + 1]]
  begins.push_back(0);
  for (const Item& item : items) {
    for (const PairId id : arena.series(item.series).label_span()) {
      ranks.push_back(rank.find(id)->second);
    }
    begins.push_back(static_cast<uint32_t>(ranks.size()));
  }
  std::vector<uint32_t> order(items.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::lexicographical_compare(ranks.begin() + begins[a], ranks.begin() + begins[a + 1],
                                        ranks.begin() + begins[b], ranks.begin() + begins[b + 1]);
  });
  std::vector<Item> sorted;
  sorted.reserve(items.size());
  for (const uint32_t i : order) sorted.push_back(std::move(items[i]));
  items = std::move(sorted);
}

}  // namespace tidemark::tsdb
