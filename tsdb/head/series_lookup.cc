#include "tsdb/head/series_lookup.h"

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

}  // namespace tidemark::tsdb
