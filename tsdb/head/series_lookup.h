#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/io/hash.h"
#include "base/labels/label_set.h"
#include "base/model/series_ref.h"

namespace tidemark::tsdb {

// Finds series by number: by the hash of the bytes that came in, and by their labels. Sharded by
// hash, so that many scrapes look up and create side by side. Thread-safe.
class SeriesLookup {
 public:
  SeriesRef FindRaw(const Hash128& raw_key) const;  // kNoSeries where there is none
  void AddRaw(const Hash128& raw_key, SeriesRef series);

  // The series with these labels. Where there is none calls `create`, which returns its number, and
  // keeps that. Of a series with the same hash `match(number)` says whether it has these labels or
  // has retired, so that the new one takes its entry. Both are called under the lock of one shard
  // and do not call back.
  enum class Match { kNo, kYes, kRetired };
  template <typename Matches, typename Create>
  absl::StatusOr<uint32_t> FindOrCreate(const LabelSet& labels, Matches match, Create create) {
    uint64_t hash = labels.StableHash();
    Shard& shard = shards_[hash % kNumShards];
    absl::MutexLock lock(&shard.mu);
    while (true) {
      const auto found = shard.by_labels.find(hash);
      if (found == shard.by_labels.end()) break;
      const Match matched = match(found->second);
      if (matched == Match::kYes) return found->second;
      if (matched == Match::kRetired) {
        const absl::StatusOr<uint32_t> created = create();
        if (created.ok()) found->second = *created;
        return created;
      }
      // Two label sets of one 64-bit hash: the second stands under the next key.
      hash += kNumShards;
    }
    const absl::StatusOr<uint32_t> created = create();
    if (created.ok()) shard.by_labels.emplace(hash, *created);
    return created;
  }

  // Forgets that a series has these labels.
  void Erase(const LabelSet& labels, uint32_t series);
  // Forgets the series, found by labels or by raw bytes, for which `is_gone(number)` holds. Cost:
  // a pass over everything, one shard locked at a time.
  template <typename IsGone>
  void EraseIf(IsGone is_gone) {
    for (Shard& shard : shards_) {
      absl::MutexLock lock(&shard.mu);
      absl::erase_if(shard.by_labels, [&](const auto& entry) { return is_gone(entry.second); });
      absl::erase_if(shard.by_raw, [&](const auto& entry) {
        return is_gone(static_cast<uint32_t>(static_cast<uint64_t>(entry.second)) - 1);
      });
    }
  }

  // Adds series that are not in it yet, by the hash of their labels. Cost: 16 bytes each while it
  // runs, for filling one shard after the other, which takes half as long.
  struct HashedSeries {
    uint64_t hash;
    uint32_t series;
  };
  void AddLoaded(std::span<const HashedSeries> loaded);

 private:
  static constexpr size_t kNumShards = 32;
  struct alignas(64) Shard {
    mutable absl::Mutex mu;  // the head's creation_mu_ may be taken under it
    absl::flat_hash_map<Hash128, SeriesRef> by_raw ABSL_GUARDED_BY(mu);
    absl::flat_hash_map<uint64_t, uint32_t> by_labels ABSL_GUARDED_BY(mu);
  };
  std::array<Shard, kNumShards> shards_;
};

}  // namespace tidemark::tsdb
