#include "tsdb/head/label_ranks.h"

#include <algorithm>
#include <utility>

#include "tsdb/head/label_order.h"

namespace tidemark::tsdb {
namespace {

struct Numbered {
  uint32_t series;
};

// Whether the labels of `a` come before those of `b`, which are other ones.
bool LabelsBefore(const SeriesArena& arena, const SymbolTable& symbols, uint32_t a, uint32_t b) {
  const auto left = arena.series(a).label_span(), right = arena.series(b).label_span();
  const auto [x, y] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  if (x == left.end() || y == right.end()) return y != right.end();
  const LabelView first = symbols.pair(*x), second = symbols.pair(*y);
  const int by_name = first.name.compare(second.name);
  return by_name != 0 ? by_name < 0 : first.value < second.value;
}

}  // namespace

std::vector<uint32_t> LabelRanks::Order(const SeriesArena& arena, const SymbolTable& symbols,
                                        const std::vector<uint32_t>& series) {
  std::shared_ptr<const State> state;
  {
    absl::MutexLock lock(&mu_);
    state = state_;
  }
  std::vector<uint32_t> unknown;
  for (const uint32_t i : series) {
    if (!Knows(*state, arena, i)) unknown.push_back(i);
  }
  if (!unknown.empty()) {
    state = Extended(*state, arena, symbols, unknown);
    // Of two that extend at once the later wins; what the other found is found again.
    absl::MutexLock lock(&mu_);
    state_ = state;
  }
  std::vector<uint32_t> order;
  order.reserve(series.size());
  constexpr size_t kFewest = 16;  // as much as sorting costs a series more than passing over one
  if (series.size() * kFewest < state->sorted.size()) {
    std::vector<uint64_t> keys;
    keys.reserve(series.size());
    for (size_t i = 0; i < series.size(); ++i) {
      keys.push_back(uint64_t{state->entries[series[i]].rank} << 32 | i);
    }
    std::sort(keys.begin(), keys.end());
    for (const uint64_t key : keys) order.push_back(static_cast<uint32_t>(key));
    return order;
  }
  std::vector<uint32_t> place_of_rank(state->sorted.size(), kUnknown);
  for (size_t i = 0; i < series.size(); ++i) {
    place_of_rank[state->entries[series[i]].rank] = static_cast<uint32_t>(i);
  }
  for (const uint32_t place : place_of_rank) {
    if (place != kUnknown) order.push_back(place);
  }
  return order;
}

std::shared_ptr<const LabelRanks::State> LabelRanks::Extended(const State& state,
                                                              const SeriesArena& arena,
                                                              const SymbolTable& symbols,
                                                              const std::vector<uint32_t>& added) {
  // A series that retired is not looked at: its labels may go. One that retires from now on keeps
  // them until those are done who read now.
  std::vector<Numbered> sorted;
  for (const uint32_t i : state.sorted) {
    if (Knows(state, arena, i)) sorted.push_back({i});
  }
  std::vector<Numbered> more;
  for (const uint32_t i : added) more.push_back({i});
  constexpr size_t kManyAtOnce = 8;  // sorting anew ranks labels first and compares numbers
  if (more.size() * kManyAtOnce > sorted.size()) {
    sorted.insert(sorted.end(), more.begin(), more.end());
    SortByLabelSet(arena, symbols, sorted);
  } else {
    SortByLabelSet(arena, symbols, more);
    std::vector<Numbered> merged;
    merged.reserve(sorted.size() + more.size());
    auto from = sorted.begin();
    for (const Numbered& item : more) {
      const auto to = std::lower_bound(from, sorted.end(), item, [&](Numbered a, Numbered b) {
        return LabelsBefore(arena, symbols, a.series, b.series);
      });
      merged.insert(merged.end(), from, to);
      merged.push_back(item);
      from = to;
    }
    merged.insert(merged.end(), from, sorted.end());
    sorted = std::move(merged);
  }

  auto extended = std::make_shared<State>();
  for (const Numbered& item : sorted) {
    if (item.series >= extended->entries.size()) extended->entries.resize(item.series + 1);
    extended->entries[item.series] = {static_cast<uint32_t>(extended->sorted.size()),
                                      GenerationOf(arena, item.series)};
    extended->sorted.push_back(item.series);
  }
  return extended;
}

}  // namespace tidemark::tsdb
