#include "tsdb/head/series_lookup.h"

#include <string_view>
#include <vector>

namespace tidemark::tsdb {

uint64_t SeriesLookup::Mix(uint64_t stable_hash) {
  return SeededHash128({reinterpret_cast<const char*>(&stable_hash), sizeof(stable_hash)}).low;
}

std::optional<SeriesPlace> SeriesLookup::FindRaw(const Hash128& raw_key) const {
  const Shard& shard = shards_[raw_key.high % kNumShards];
  absl::ReaderMutexLock lock(&shard.mu);
  const RawSlot* found = shard.by_raw.Find(
      HighBits(raw_key.low), [&](const RawSlot& slot) { return IsOf(slot, raw_key); });
  if (found == nullptr) return std::nullopt;
  return SeriesPlace{found->number, found->generation};
}

void SeriesLookup::AddRaw(const Hash128& raw_key, SeriesPlace series) {
  const RawSlot slot{raw_key.low, HighOf(raw_key), series.generation, series.number};
  Shard& shard = shards_[raw_key.high % kNumShards];
  absl::MutexLock lock(&shard.mu);
  RawSlot* known =
      shard.by_raw.Find(slot.hash(), [&](const RawSlot& other) { return IsOf(other, raw_key); });
  if (known != nullptr) {
    *known = slot;
  } else {
    shard.by_raw.Add(slot);
  }
}

void SeriesLookup::Erase(const LabelSet& labels, uint32_t series) {
  const uint64_t hash = Mix(labels.StableHash());
  Shard& shard = shards_[hash % kNumShards];
  absl::MutexLock lock(&shard.mu);
  LabelSlot* found = shard.by_labels.Find(
      HighBits(hash), [&](const LabelSlot& slot) { return slot.number == series; });
  if (found != nullptr) shard.by_labels.Erase(found);
}

void SeriesLookup::AddLoaded(std::span<const HashedSeries> loaded) {
  std::array<std::vector<LabelSlot>, kNumShards> parts;
  for (std::vector<LabelSlot>& part : parts) part.reserve(loaded.size() / kNumShards * 9 / 8);
  for (const HashedSeries& s : loaded) {
    const uint64_t hash = Mix(s.hash);
    parts[hash % kNumShards].push_back({HighBits(hash), s.series});
  }
  for (size_t i = 0; i < kNumShards; ++i) {
    Shard& shard = shards_[i];
    absl::MutexLock lock(&shard.mu);
    shard.by_labels.Reserve(shard.by_labels.size() + parts[i].size());
    for (const LabelSlot& slot : parts[i]) shard.by_labels.Add(slot);
  }
}

}  // namespace tidemark::tsdb
