#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/io/hash.h"
#include "base/labels/label_set.h"

namespace tidemark::tsdb {

// Finds series by number: by the hash of the bytes that came in, and by their labels. Sharded by
// hash, so that many scrapes look up and create side by side. Thread-safe.
class SeriesLookup {
 public:
  std::optional<uint32_t> FindRaw(const Hash128& raw_key) const;
  void AddRaw(const Hash128& raw_key, uint32_t series);

  // The series with these labels. Where there is none calls `create`, which returns its number, and
  // keeps that. `equals(number)` says whether a series of the same hash has these labels. Both are
  // called under the lock of one shard and do not call back.
  template <typename Equals, typename Create>
  absl::StatusOr<uint32_t> FindOrCreate(const LabelSet& labels, Equals equals, Create create) {
    uint64_t hash = labels.StableHash();
    Shard& shard = shards_[hash % kNumShards];
    absl::MutexLock lock(&shard.mu);
    while (true) {
      const auto found = shard.by_labels.find(hash);
      if (found == shard.by_labels.end()) break;
      if (equals(found->second)) return found->second;
      // Two label sets of one 64-bit hash: the second stands under the next key.
      hash += kNumShards;
    }
    const absl::StatusOr<uint32_t> created = create();
    if (created.ok()) shard.by_labels.emplace(hash, *created);
    return created;
  }

 private:
  static constexpr size_t kNumShards = 32;
  struct alignas(64) Shard {
    mutable absl::Mutex mu;  // the head's creation_mu_ may be taken under it
    absl::flat_hash_map<Hash128, uint32_t> by_raw ABSL_GUARDED_BY(mu);
    absl::flat_hash_map<uint64_t, uint32_t> by_labels ABSL_GUARDED_BY(mu);
  };
  std::array<Shard, kNumShards> shards_;
};

}  // namespace tidemark::tsdb
