#include "tsdb/head/series_arena.h"

#include <algorithm>

#include "base/io/varint.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kLabelSlab = 16 * 1024;  // PairIds

}  // namespace

uint32_t SeriesArena::Add() {
  series_.emplace_back();
  chunks_.emplace_back();
  return static_cast<uint32_t>(series_.size() - 1);
}

void SeriesArena::SetLabels(uint32_t i, const LabelSet& labels, SymbolTable& symbols) {
  const size_t num_labels = labels.size();
  if (num_labels > labels_left_) {
    labels_left_ = std::max(kLabelSlab, num_labels);
    labels_.push_back(std::make_unique<SymbolTable::PairId[]>(labels_left_));
    labels_next_ = labels_.back().get();
  }
  series_[i].labels = labels_next_;
  series_[i].num_labels = static_cast<uint32_t>(num_labels);
  for (const LabelView& label : labels) *labels_next_++ = symbols.Intern(label);
  labels_left_ -= num_labels;
}

LabelSet LabelsOf(const Series& series, const SymbolTable& symbols) {
  std::string bytes;
  for (const SymbolTable::PairId id : series.label_span()) {
    const LabelView label = symbols.pair(id);
    AppendLengthPrefixed(label.name, &bytes);
    AppendLengthPrefixed(label.value, &bytes);
  }
  return *LabelSet::FromBytes(std::move(bytes));
}

}  // namespace tidemark::tsdb
