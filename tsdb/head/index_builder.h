#pragma once

#include <cstdint>
#include <thread>
#include <vector>

#include "tsdb/head/series_arena.h"
#include "tsdb/index/label_index.h"

namespace tidemark::tsdb {

// Indexes the series of a head that was loaded, in a thread of its own beside the replay that
// follows. Its functions are for the one thread that has the head.
class IndexBuilder {
 public:
  // Begins. `series` ascend, are the first in `index`, and keep their labels, which are those of
  // `symbols` so far. What is referred to outlives the builder; nobody else touches `index` until
  // Finish.
  IndexBuilder(std::vector<uint32_t> series, const SeriesArena& arena, const SymbolTable& symbols,
               LabelIndex& index);
  ~IndexBuilder();
  IndexBuilder(const IndexBuilder&) = delete;
  IndexBuilder& operator=(const IndexBuilder&) = delete;

  // One that came since, which keeps its labels until Finish.
  void Add(uint32_t series) { later_.push_back(series); }
  // Waits until all are indexed.
  void Finish();

 private:
  const SeriesArena& arena_;
  LabelIndex& index_;
  std::vector<uint32_t> later_;
  std::thread thread_;
};

}  // namespace tidemark::tsdb
