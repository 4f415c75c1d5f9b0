#include "tsdb/head/series_lookup.h"

namespace tidemark::tsdb {

// The table hashes by `low`, so the shard comes from `high`.
std::optional<uint32_t> SeriesLookup::FindRaw(const Hash128& raw_key) const {
  const Shard& shard = shards_[raw_key.high % kNumShards];
  absl::ReaderMutexLock lock(&shard.mu);
  const auto found = shard.by_raw.find(raw_key);
  if (found == shard.by_raw.end()) return std::nullopt;
  return found->second;
}

void SeriesLookup::AddRaw(const Hash128& raw_key, uint32_t series) {
  Shard& shard = shards_[raw_key.high % kNumShards];
  absl::MutexLock lock(&shard.mu);
  shard.by_raw.insert_or_assign(raw_key, series);
}

}  // namespace tidemark::tsdb
