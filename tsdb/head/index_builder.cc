#include "tsdb/head/index_builder.h"

#include <algorithm>
#include <span>
#include <utility>

namespace tidemark::tsdb {
namespace {

// Indexed at once: those of one container of a Roaring bitmap.
constexpr size_t kSeriesAtOnce = 1 << 16;

void Index(std::span<const uint32_t> series, const SeriesArena& arena,
           SymbolTable::PairId pairs_end, LabelIndex& index) {
  while (!series.empty()) {
    const auto some = series.first(std::min(series.size(), kSeriesAtOnce));
    index.Append(some, pairs_end, [&](uint32_t i) { return arena.series(i).label_span(); });
    series = series.subspan(some.size());
  }
}

}  // namespace

IndexBuilder::IndexBuilder(std::vector<uint32_t> series, const SeriesArena& arena,
                           const SymbolTable& symbols, LabelIndex& index)
    : arena_(arena),
      index_(index),
      thread_([&arena, &index, series = std::move(series), pairs_end = symbols.pairs_end()] {
        Index(series, arena, pairs_end, index);
      }) {}

IndexBuilder::~IndexBuilder() {
  if (thread_.joinable()) thread_.join();
}

void IndexBuilder::Finish() {
  thread_.join();
  for (const uint32_t i : later_) index_.Add(i, arena_.series(i).label_span());
  later_.clear();
}

}  // namespace tidemark::tsdb
