#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "base/model/timestamp.h"
#include "tsdb/head/spill_file.h"

// The sealed chunks of a head. What is sealed together is dropped together, by the cut that takes
// its two hours, so chunks are laid one after another into regions, and a region goes back to the
// system as a whole. A chunk takes its values and 12 bytes; what all series of a scrape have in
// common, the timestamps above all, lies in a region once. A full region can be moved to a file,
// from which it is read as if it were in memory.
namespace tidemark::tsdb {

// A chunk as it lies in a ChunkArena, as large as a pointer: it stays what and where it is until it
// is released. Thread-safe until then.
class ArenaChunk {
 public:
  ArenaChunk() = default;  // no chunk

  TimeRange range() const { return front_header().range; }
  uint32_t count() const { return front_header().count; }
  // The pieces that DecodeChunk takes.
  std::string_view front() const { return {front_at() + sizeof(Front), front_header().size}; }
  std::string_view rest() const { return {at_ + kRestAt, Load<uint16_t>(kSizeAt)}; }
  std::string bytes() const;  // both

  // The chunk of the series before it.
  ArenaChunk before() const { return ArenaChunk(Load<const char*>(kBeforeAt)); }

 private:
  friend class ChunkArena;

  // At a multiple of kFrontAlignment; its bytes follow.
  struct Front {
    TimeRange range;
    uint32_t count, size;
  };
  static constexpr size_t kRegionBytes = 1 << 20;  // and what regions are aligned to
  static constexpr size_t kFrontAlignment = 16;
  // A chunk is: the chunk before, the place of its front in the region, the size of the rest; the
  // rest. Nothing is aligned.
  static constexpr size_t kBeforeAt = 0, kFrontAt = 8, kSizeAt = 10, kRestAt = 12;

  explicit ArenaChunk(const char* at) : at_(at) {}
  template <typename T>
  T Load(size_t at) const {
    T value;
    std::memcpy(&value, at_ + at, sizeof(value));
    return value;
  }
  const char* region() const {
    return at_ - (reinterpret_cast<uintptr_t>(at_) & (kRegionBytes - 1));
  }
  const char* front_at() const { return region() + kFrontAlignment * Load<uint16_t>(kFrontAt); }
  const Front& front_header() const { return *reinterpret_cast<const Front*>(front_at()); }

  const char* at_ = nullptr;
};

// The chunks of one series, the newest first. Compatible with threads as ChunkArena is.
class ChunkChain {
 public:
  class Iterator {
   public:
    ArenaChunk operator*() const { return chunk_; }
    Iterator& operator++() {
      if (--left_ > 0) chunk_ = chunk_.before();
      return *this;
    }
    bool operator!=(const Iterator& other) const { return left_ != other.left_; }

   private:
    friend class ChunkChain;
    Iterator(ArenaChunk chunk, size_t left) : chunk_(chunk), left_(left) {}
    ArenaChunk chunk_;
    size_t left_;
  };

  Iterator begin() const { return {newest_, size_}; }
  Iterator end() const { return {ArenaChunk(), 0}; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Where there is any.
  ArenaChunk newest() const { return newest_; }
  ArenaChunk oldest() const;

 private:
  friend class ChunkArena;
  ArenaChunk newest_;
  uint32_t size_ = 0;  // what lies before so many chunks was released
};

// Thread-compatible, ArenaChunk says what more; chains of one arena are not given to another.
class ChunkArena {
 public:
  // Memory of chunks, of whole pages.
  struct Region {
    char* begin = nullptr;
    size_t size = 0;
    size_t num_chunks = 0;
    std::optional<uint64_t> place;  // in the file
  };

  ChunkArena() = default;
  ~ChunkArena();
  ChunkArena(const ChunkArena&) = delete;
  ChunkArena& operator=(const ChunkArena&) = delete;

  // Adds a chunk, of samples later than those in `chain`, of which there are `count` in `range`.
  // `bytes` are what EncodeChunk made, or damaged.
  void Append(TimeRange range, uint32_t count, std::string_view bytes, ChunkChain& chain);
  // Releases all chunks but the newest `num_kept`.
  void Truncate(size_t num_kept, ChunkChain& chain);
  // The memory of released chunks, as far as it is to be had: the caller calls Free once nobody
  // reads the chunks that were in it.
  std::vector<Region> TakeFree() { return std::exchange(free_, {}); }

  // Moving to a file goes in steps, by the one thread that also frees: the regions that are full;
  // for each, file.Write(begin), file.Map(place, begin) while nobody reads in it, and this.
  std::vector<char*> FullRegions() const;
  void SetPlace(const char* begin, uint64_t place) { regions_.find(begin)->second.place = place; }
  // Forgets what of the file was read lately: the next reader asks the kernel.
  void LetGo() const;

  size_t bytes() const { return num_bytes_; }  // of all regions

  static constexpr size_t kRegionBytes = ArenaChunk::kRegionBytes;
  // `file` is null where there is none.
  static void Free(const std::vector<Region>& regions, SpillFile* file);

 private:
  struct FrontKey {
    TimeRange range;
    uint32_t count;
    friend bool operator==(const FrontKey&, const FrontKey&) = default;
    template <typename H>
    friend H AbslHashValue(H state, const FrontKey& key) {
      return H::combine(std::move(state), key.range.min, key.range.max, key.count);
    }
  };

  char* NewRegion(size_t size);
  void StartRegion();
  void FreeIfEmpty(const char* region);
  // The front in the region being filled that `bytes` begin with, as its place; 0 where there is
  // none.
  uint16_t FindFront(const FrontKey& key, std::string_view bytes) const;
  ArenaChunk::Front& FrontAt(uint16_t place) const;
  static char* WriteFront(const FrontKey& key, std::string_view bytes, char* at);
  char* WriteChunk(uint16_t front, std::string_view rest, char* at, ChunkChain& chain);
  void AppendLarge(const FrontKey& key, std::string_view bytes, ChunkChain& chain);

  std::map<const char*, Region> regions_;  // by begin, without the free ones
  std::vector<Region> free_;
  size_t num_bytes_ = 0;
  // The region that is being filled, if any: where it begins and ends, and where the next chunk
  // goes.
  char *begin_ = nullptr, *end_ = nullptr, *next_ = nullptr;
  absl::flat_hash_map<FrontKey, uint16_t> fronts_;  // in it, by what they say
};

}  // namespace tidemark::tsdb
