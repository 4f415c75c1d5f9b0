#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "base/labels/label_list.h"
#include "base/labels/label_set.h"
#include "base/model/series_ref.h"
#include "tsdb/codec/open_chunk.h"
#include "tsdb/head/chunk_arena.h"
#include "tsdb/head/out_of_order.h"
#include "tsdb/index/segmented_vector.h"
#include "tsdb/index/symbol_table.h"

namespace tidemark::tsdb {

// What appending to a known series touches first: one cache line. Who may touch a field is said
// beside it; the locks are those of Head.
struct alignas(64) Series {
  // The newest sample that was accepted, though perhaps not yet written: Head::admission_mu_.
  TimestampMs admitted_time = kMinTimestamp;
  uint64_t admitted_bits = 0;  // of a float, or HistogramIdentity

  // Fixed once the series is found by others.
  const SymbolTable::PairId* labels = nullptr;  // sorted by name
  uint16_t num_labels = 0;

  bool is_journaled : 1 = false;  // its labels are in the journal: admission_mu_
  bool is_idle : 1 = false;       // no sample was admitted since RetireIdle looked: admission_mu_
  bool admitted_histogram : 1 = false;  // what admitted_bits are of: admission_mu_
  bool : 0;                             // what different locks guard shares no byte
  bool is_indexed : 1 = false;          // holds samples that readers see: data_mu_
  // The newest in order sample is a histogram, and Head::open_histograms_ has it: data_mu_.
  bool ends_in_histogram : 1 = false;

  // Goes up by one when the series retires and by one when its place is given to another: odd means
  // that nobody may append. Written under admission_mu_.
  std::atomic<uint32_t> generation{0};

  // Samples that readers see: data_mu_. In order ones are numbered from 0 in order of arrival, so a
  // count is all a reader needs to keep what it saw.
  uint32_t num_samples = 0;               // in order, dropped ones included
  uint32_t num_dropped = 0;               // of these, from the front
  TimestampMs min_time = kMaxTimestamp;   // of all, dropped ones perhaps included
  TimestampMs last_time = kMinTimestamp;  // of the in order ones
  std::unique_ptr<OutOfOrder> out_of_order;

  std::span<const SymbolTable::PairId> label_span() const { return {labels, num_labels}; }
  // As a new series, but for the generation.
  void Reset();
};
static_assert(sizeof(Series) == 64);

// The in order samples of a series: data_mu_.
struct SeriesChunks {
  ChunkChain sealed;  // of any kind; in Head::sealed_
  OpenChunk open;     // after all of these; Head::open_histograms_ instead where the series ends in
                      // histograms
};
static_assert(sizeof(SeriesChunks) == 64);

// The number of a series in the arena. The reference is not kNoSeries.
inline uint32_t NumberOf(SeriesRef ref) {
  return static_cast<uint32_t>(static_cast<uint64_t>(ref)) - 1;
}
inline uint32_t GenerationOf(SeriesRef ref) {
  return static_cast<uint32_t>(static_cast<uint64_t>(ref) >> 32);
}
inline SeriesRef RefOf(uint32_t number, uint32_t generation) {
  return SeriesRef{uint64_t{generation} << 32 | (uint64_t{number} + 1)};
}
// A place that was given away so often keeps its last series: SeriesLookup holds no more bits of
// it.
inline constexpr uint32_t kMaxGeneration = UINT16_MAX;
// Series are numbered below this, so that a reference's low half is never 0.
inline constexpr uint32_t kMaxSeries = 0xFFFF'FFFE;
inline constexpr size_t kMaxLabelsPerSeries = 0xFFFF;

// Every series of the head, by number: what one scrape creates lies together. Elements never move;
// the places of removed ones are given away again. One thread at a time adds and removes; see
// SegmentedVector for who may read.
class SeriesArena {
 public:
  // Adds a series without labels, in a place that was given up where there is one; its number.
  uint32_t Add();
  // Gives it its labels, at most kMaxLabelsPerSeries, once; they are interned in `symbols`.
  void SetLabels(uint32_t i, const LabelSet& labels, SymbolTable& symbols);
  // Likewise, of pairs that are interned already, sorted by name.
  void SetLabels(uint32_t i, std::span<const SymbolTable::PairId> labels, SymbolTable& symbols);
  // Makes places that nobody has yet, until there are so many.
  void GrowTo(size_t size);
  // Takes labels and samples from a series that nobody reads any more; its place stays taken.
  void Clear(uint32_t i, SymbolTable& symbols);
  // The same for one whose generation is odd, and gives its place up while there are generations.
  void Remove(uint32_t i, SymbolTable& symbols);
  // Gives up the places that Add made and nobody labelled: at the end of a replay.
  void FreeUnnamed();
  // The places given up and not taken again.
  size_t num_free() const { return free_.size(); }

  Series& series(uint32_t i) { return series_[i]; }
  const Series& series(uint32_t i) const { return series_[i]; }
  SeriesChunks& chunks(uint32_t i) { return chunks_[i]; }
  const SeriesChunks& chunks(uint32_t i) const { return chunks_[i]; }
  size_t size() const { return series_.size(); }

 private:
  SymbolTable::PairId* NewLabels(size_t num_labels);
  void GiveUp(uint32_t i);

  SegmentedVector<Series> series_;
  SegmentedVector<SeriesChunks> chunks_;

  std::vector<uint32_t> free_;                                  // places, the last is taken next
  std::vector<std::unique_ptr<SymbolTable::PairId[]>> labels_;  // slabs that Series::labels cuts
  size_t labels_left_ = 0;
  SymbolTable::PairId* labels_next_ = nullptr;
  // Pieces of slabs that were given up, by number of labels.
  absl::flat_hash_map<size_t, std::vector<SymbolTable::PairId*>> free_labels_;
};

// The labels of a series as a set again.
LabelSet LabelsOf(const Series& series, const SymbolTable& symbols);
bool HasLabels(const Series& series, const SymbolTable& symbols, const LabelSet& labels);
// Those that have one of the `names`.
LabelSet KeptLabelsOf(const Series& series, const SymbolTable& symbols,
                      const std::vector<std::string>& names);
void AppendLabels(const Series& series, const SymbolTable& symbols, LabelList& out);

}  // namespace tidemark::tsdb
