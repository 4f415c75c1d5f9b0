#pragma once

#include <cstdint>
#include <vector>

#include "base/labels/label_set.h"
#include "base/labels/relabel.h"
#include "base/model/series_ref.h"
#include "remote/write/family_lookup.h"
#include "remote/write/write_encoder.h"
#include "tsdb/journal_feed.h"

namespace tidemark::remote {

// Which series of the store is which of the encoder: labels are looked up, completed and relabelled
// once. One thread. Cost: eight bytes a series, and what the encoder keeps.
class SeriesLabels {
 public:
  // Instead of a number of the encoder.
  static constexpr uint32_t kDropped = UINT32_MAX;      // by relabelling
  static constexpr uint32_t kUnknown = UINT32_MAX - 1;  // the store does not know it

  // All but the labels outlive it. `external_labels` are added where a series has none of that
  // name, before `rules` are applied.
  // `families`, where not null, gives the metadata that goes with a series.
  SeriesLabels(const tsdb::JournalFeed& feed, const LabelSet& external_labels,
               const std::vector<RelabelRule>& rules, FamilyLookup* families, WriteEncoder& encoder)
      : feed_(feed),
        external_labels_(external_labels),
        rules_(rules),
        families_(families),
        encoder_(encoder) {}

  uint32_t Find(SeriesRef ref) {
    const auto bits = static_cast<uint64_t>(ref);
    const auto number = static_cast<uint32_t>(bits), generation = static_cast<uint32_t>(bits >> 32);
    if (number < slots_.size() && slots_[number].generation == generation &&
        slots_[number].series != kUnknown) {
      return slots_[number].series;
    }
    return Resolve(ref, number, generation);
  }
  // Forgets all, as the encoder is to do.
  void Clear() { slots_.clear(); }

 private:
  struct Slot {
    uint32_t generation = 0, series = kUnknown;
  };

  uint32_t Resolve(SeriesRef ref, uint32_t number, uint32_t generation);

  const tsdb::JournalFeed& feed_;
  const LabelSet external_labels_;
  const std::vector<RelabelRule>& rules_;
  FamilyLookup* const families_;
  WriteEncoder& encoder_;
  std::vector<Slot> slots_;  // by the low half of the reference
  LabelSetBuilder labels_;
};

}  // namespace tidemark::remote
