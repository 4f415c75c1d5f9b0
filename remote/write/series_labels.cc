#include "remote/write/series_labels.h"

#include <optional>

namespace tidemark::remote {

uint32_t SeriesLabels::Resolve(SeriesRef ref, uint32_t number, uint32_t generation) {
  const std::optional<LabelSet> labels = feed_.Labels(ref);
  if (!labels) return kUnknown;
  if (number >= slots_.size()) slots_.resize(size_t{number} + 1);
  Slot& slot = slots_[number];
  slot = {generation, kDropped};
  labels_.Reset(*labels);
  for (const LabelView& label : external_labels_) {
    if (labels_.Get(label.name).empty()) labels_.Set(label.name, label.value);
  }
  if (!Relabel(rules_, labels_) || labels_.labels().empty()) return kDropped;
  // Of the name that the target gave it.
  const FamilyMetadata* const metadata =
      families_ != nullptr ? families_->Find(labels->metric_name()) : nullptr;
  return slot.series = encoder_.AddSeries(labels_.Build(), metadata);
}

}  // namespace tidemark::remote
