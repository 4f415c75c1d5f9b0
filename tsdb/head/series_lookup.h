#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/io/hash.h"
#include "base/labels/label_set.h"
#include "tsdb/head/ordered_hash_table.h"

namespace tidemark::tsdb {

// A series by its number and how often its place was given away before: what is left of a SeriesRef
// in 48 bits.
struct SeriesPlace {
  uint32_t number = 0;
  uint16_t generation = 0;
  friend bool operator==(const SeriesPlace&, const SeriesPlace&) = default;
};

// Finds series by the hash of the bytes that came in, and by their labels. Sharded by hash, so that
// many scrapes look up and create side by side. Thread-safe. Memory: 18 to 22 bytes for each key of
// raw bytes, 9 to 11 for each series.
class SeriesLookup {
 public:
  std::optional<SeriesPlace> FindRaw(const Hash128& raw_key) const;
  void AddRaw(const Hash128& raw_key, SeriesPlace series);

  // The series with these labels. Where there is none calls `create`, which returns its number, and
  // keeps that. Of a series that may have them `match(number)` says whether it does or has retired,
  // so that the new one takes its entry. Both are called under the lock of one shard and do not
  // call back.
  enum class Match { kNo, kYes, kRetired };
  template <typename Matches, typename Create>
  absl::StatusOr<uint32_t> FindOrCreate(const LabelSet& labels, Matches match, Create create) {
    const uint64_t hash = Mix(labels.StableHash());
    Shard& shard = shards_[hash % kNumShards];
    absl::MutexLock lock(&shard.mu);
    Match matched = Match::kNo;
    LabelSlot* found = shard.by_labels.Find(HighBits(hash), [&](const LabelSlot& slot) {
      return (matched = match(slot.number)) != Match::kNo;
    });
    if (matched == Match::kYes) return found->number;
    const absl::StatusOr<uint32_t> created = create();
    if (!created.ok()) return created;
    if (matched == Match::kRetired) {
      found->number = *created;
    } else {
      shard.by_labels.Add({HighBits(hash), *created});
    }
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
      shard.by_labels.EraseIf([&](const LabelSlot& slot) { return is_gone(slot.number); });
      shard.by_raw.EraseIf([&](const RawSlot& slot) { return is_gone(slot.number); });
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
  static constexpr uint32_t kNone = UINT32_MAX;  // no series has this number

  // Which series it is their labels decide; 80 bits of the raw key beside those that chose the
  // shard have to do without.
  struct LabelSlot {
    uint32_t high_bits = 0;
    uint32_t number = kNone;
    bool is_empty() const { return number == kNone; }
    uint32_t hash() const { return high_bits; }
  };
  struct RawSlot {
    uint64_t low = 0;  // of the key
    uint16_t high = 0, generation = 0;
    uint32_t number = kNone;
    bool is_empty() const { return number == kNone; }
    uint32_t hash() const { return HighBits(low); }
  };
  static_assert(sizeof(LabelSlot) == 8 && sizeof(RawSlot) == 16);

  struct alignas(64) Shard {
    mutable absl::Mutex mu;  // the head's creation_mu_ may be taken under it
    OrderedHashTable<RawSlot> by_raw ABSL_GUARDED_BY(mu);
    OrderedHashTable<LabelSlot> by_labels ABSL_GUARDED_BY(mu);
  };

  static constexpr uint32_t HighBits(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  // Label sets come from outside and their hash is known there: nobody shall fill a table with sets
  // that collide.
  static uint64_t Mix(uint64_t stable_hash);
  static bool IsOf(const RawSlot& slot, const Hash128& key) {
    return slot.low == key.low && slot.high == HighOf(key);
  }
  static uint16_t HighOf(const Hash128& key) { return static_cast<uint16_t>(key.high >> 48); }

  std::array<Shard, kNumShards> shards_;
};

}  // namespace tidemark::tsdb
