#include "tsdb/head/series_lookup.h"

#include <vector>

namespace tidemark::tsdb {

// The table hashes by `low`, so the shard comes from `high`.
SeriesRef SeriesLookup::FindRaw(const Hash128& raw_key) const {
  const Shard& shard = shards_[raw_key.high % kNumShards];
  absl::ReaderMutexLock lock(&shard.mu);
  const auto found = shard.by_raw.find(raw_key);
  return found == shard.by_raw.end() ? kNoSeries : found->second;
}

void SeriesLookup::AddRaw(const Hash128& raw_key, SeriesRef series) {
  Shard& shard = shards_[raw_key.high % kNumShards];
  absl::MutexLock lock(&shard.mu);
  shard.by_raw.insert_or_assign(raw_key, series);
}

void SeriesLookup::Erase(const LabelSet& labels, uint32_t series) {
  uint64_t hash = labels.StableHash();
  Shard& shard = shards_[hash % kNumShards];
  absl::MutexLock lock(&shard.mu);
  for (auto it = shard.by_labels.find(hash); it != shard.by_labels.end();
       it = shard.by_labels.find(hash += kNumShards)) {
    if (it->second != series) continue;
    shard.by_labels.erase(it);
    return;
  }
}

void SeriesLookup::AddLoaded(std::span<const HashedSeries> loaded) {
  std::array<std::vector<HashedSeries>, kNumShards> parts;
  for (std::vector<HashedSeries>& part : parts) part.reserve(loaded.size() / kNumShards * 9 / 8);
  for (const HashedSeries& s : loaded) parts[s.hash % kNumShards].push_back(s);
  for (size_t i = 0; i < kNumShards; ++i) {
    Shard& shard = shards_[i];
    absl::MutexLock lock(&shard.mu);
    shard.by_labels.reserve(shard.by_labels.size() + parts[i].size());
    for (HashedSeries& s : parts[i]) {
      while (!shard.by_labels.emplace(s.hash, s.series).second) s.hash += kNumShards;
    }
  }
}

}  // namespace tidemark::tsdb
