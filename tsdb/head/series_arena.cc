#include "tsdb/head/series_arena.h"

#include <algorithm>
#include <utility>

#include "base/io/varint.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kLabelSlab = 16 * 1024;  // PairIds

}  // namespace

void Series::Reset() {
  admitted_time = kMinTimestamp;
  admitted_bits = 0;
  labels = nullptr;
  num_labels = 0;
  is_journaled = false;
  is_idle = false;
  admitted_histogram = false;
  is_indexed = false;
  ends_in_histogram = false;
  num_samples = num_dropped = 0;
  min_time = kMaxTimestamp;
  last_time = kMinTimestamp;
  out_of_order.reset();
}

uint32_t SeriesArena::Add() {
  if (!free_.empty()) {
    const uint32_t i = free_.back();
    free_.pop_back();
    series_[i].generation.fetch_add(1, std::memory_order_release);
    return i;
  }
  series_.emplace_back();
  chunks_.emplace_back();
  return static_cast<uint32_t>(series_.size() - 1);
}

SymbolTable::PairId* SeriesArena::NewLabels(size_t num_labels) {
  if (const auto it = free_labels_.find(num_labels);
      it != free_labels_.end() && !it->second.empty()) {
    SymbolTable::PairId* labels = it->second.back();
    it->second.pop_back();
    return labels;
  }
  if (num_labels > labels_left_) {
    labels_left_ = std::max(kLabelSlab, num_labels);
    labels_.push_back(std::make_unique<SymbolTable::PairId[]>(labels_left_));
    labels_next_ = labels_.back().get();
  }
  labels_left_ -= num_labels;
  return std::exchange(labels_next_, labels_next_ + num_labels);
}

void SeriesArena::SetLabels(uint32_t i, const LabelSet& labels, SymbolTable& symbols) {
  SymbolTable::PairId* next = NewLabels(labels.size());
  series_[i].labels = next;
  series_[i].num_labels = static_cast<uint16_t>(labels.size());
  for (const LabelView& label : labels) *next++ = symbols.Intern(label);
}

void SeriesArena::SetLabels(uint32_t i, std::span<const SymbolTable::PairId> labels,
                            SymbolTable& symbols) {
  SymbolTable::PairId* next = NewLabels(labels.size());
  series_[i].labels = next;
  series_[i].num_labels = static_cast<uint16_t>(labels.size());
  for (const SymbolTable::PairId id : labels) {
    symbols.Retain(id);
    *next++ = id;
  }
}

void SeriesArena::GrowTo(size_t size) {
  while (series_.size() < size) {
    series_.emplace_back();
    chunks_.emplace_back();
  }
}

void SeriesArena::Clear(uint32_t i, SymbolTable& symbols) {
  Series& series = series_[i];
  for (const SymbolTable::PairId id : series.label_span()) symbols.Release(id);
  free_labels_[series.num_labels].push_back(const_cast<SymbolTable::PairId*>(series.labels));
  series.Reset();
  chunks_[i] = SeriesChunks();
}

void SeriesArena::Remove(uint32_t i, SymbolTable& symbols) {
  Clear(i, symbols);
  GiveUp(i);
}

void SeriesArena::FreeUnnamed() {
  free_.clear();
  for (size_t i = series_.size(); i > 0; --i) {
    Series& series = series_[i - 1];
    if (series.num_labels > 0) continue;
    series.generation.fetch_or(1, std::memory_order_relaxed);
    GiveUp(static_cast<uint32_t>(i - 1));
  }
}

void SeriesArena::GiveUp(uint32_t i) {
  if (series_[i].generation.load(std::memory_order_relaxed) < kMaxGeneration) free_.push_back(i);
}

LabelSet LabelsOf(const Series& series, const SymbolTable& symbols) {
  std::string bytes;
  for (const SymbolTable::PairId id : series.label_span()) {
    const LabelView label = symbols.pair(id);
    AppendLengthPrefixed(label.name, &bytes);
    AppendLengthPrefixed(label.value, &bytes);
  }
  return LabelSet::FromKnownBytes(bytes);
}

bool HasLabels(const Series& series, const SymbolTable& symbols, const LabelSet& labels) {
  auto label = labels.begin();
  for (const SymbolTable::PairId id : series.label_span()) {
    if (label == labels.end() || *label != symbols.pair(id)) return false;
    ++label;
  }
  return label == labels.end();
}

LabelSet KeptLabelsOf(const Series& series, const SymbolTable& symbols,
                      const std::vector<std::string>& names) {
  std::string bytes;
  for (const SymbolTable::PairId id : series.label_span()) {
    const std::string_view name = symbols.name(symbols.name_of(id));
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    AppendLengthPrefixed(name, &bytes);
    AppendLengthPrefixed(symbols.pair(id).value, &bytes);
  }
  return LabelSet::FromKnownBytes(bytes);
}

void AppendLabels(const Series& series, const SymbolTable& symbols, LabelList& out) {
  for (const SymbolTable::PairId id : series.label_span()) {
    const LabelView label = symbols.pair(id);
    out.AppendPair(label.name, label.value);
  }
  out.EndSet();
}

}  // namespace tidemark::tsdb
