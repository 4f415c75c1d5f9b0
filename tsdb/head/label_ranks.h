#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "tsdb/head/series_arena.h"
#include "tsdb/index/symbol_table.h"

namespace tidemark::tsdb {

// Where the series of the head stand in the order of label sets, remembered from one selection to
// the next: comparing labels is most of what sorting 100,000 series costs, and from minute to
// minute they are the same. Thread-safe. Memory: 12 bytes for each series that was asked for.
class LabelRanks {
 public:
  // The places of `series` by ascending label set: order[k] is the place of the k-th. None of them
  // may leave meanwhile. Cost: linear where all are known; those that are not are compared with
  // all others once.
  std::vector<uint32_t> Order(const SeriesArena& arena, const SymbolTable& symbols,
                              const std::vector<uint32_t>& series) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  static constexpr uint32_t kUnknown = 0xffffffff;
  struct Entry {
    uint32_t rank = kUnknown;
    uint32_t generation = 0;  // of the series that has the rank: its place may be given to another
  };
  // Never changed once others can see it.
  struct State {
    std::vector<uint32_t> sorted;  // numbers of series
    std::vector<Entry> entries;    // by number
  };

  static bool Knows(const State& state, const SeriesArena& arena, uint32_t series) {
    return series < state.entries.size() && state.entries[series].rank != kUnknown &&
           state.entries[series].generation == GenerationOf(arena, series);
  }
  static uint32_t GenerationOf(const SeriesArena& arena, uint32_t series) {
    return arena.series(series).generation.load(std::memory_order_acquire);
  }
  static std::shared_ptr<const State> Extended(const State& state, const SeriesArena& arena,
                                               const SymbolTable& symbols,
                                               const std::vector<uint32_t>& added);

  absl::Mutex mu_;
  std::shared_ptr<const State> state_ ABSL_GUARDED_BY(mu_) = std::make_shared<State>();
};

}  // namespace tidemark::tsdb
