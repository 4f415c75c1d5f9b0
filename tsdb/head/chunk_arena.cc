#include "tsdb/head/chunk_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <utility>

#include "tsdb/codec/chunk.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kPageBytes = 4096;
// Longer ones, of histograms mostly, get a region of their own.
constexpr size_t kMaxSharedBytes = 32 << 10;

size_t RoundUp(size_t size, size_t step) { return (size + step - 1) / step * step; }

void Store(const void* from, size_t size, char*& to) {
  if (size > 0) std::memcpy(to, from, size);  // `from` may be null then
  to += size;
}

}  // namespace

std::string ArenaChunk::bytes() const {
  std::string bytes(front());
  bytes.append(rest());
  return bytes;
}

ArenaChunk ChunkChain::oldest() const {
  ArenaChunk oldest;
  for (const ArenaChunk chunk : *this) oldest = chunk;
  return oldest;
}

ChunkArena::~ChunkArena() {
  for (const auto& [begin, region] : regions_) munmap(region.begin, region.size);
  for (const Region& region : free_) munmap(region.begin, region.size);
}

void ChunkArena::Free(const std::vector<Region>& regions, SpillFile* file) {
  for (const Region& region : regions) {
    munmap(region.begin, region.size);
    if (region.place) file->Free(*region.place);
  }
}

std::vector<char*> ChunkArena::FullRegions() const {
  std::vector<char*> full;
  for (const auto& [begin, region] : regions_) {
    const bool is_full = begin != begin_ && region.size == kRegionBytes;
    if (is_full && !region.place) full.push_back(region.begin);
  }
  return full;
}

void ChunkArena::LetGo() const {
  for (const auto& [begin, region] : regions_) {
    if (region.place) madvise(region.begin, region.size, MADV_DONTNEED);
  }
}

// The begin of memory aligned to kRegionBytes, of whole pages.
char* ChunkArena::NewRegion(size_t size) {
  constexpr size_t kAlignment = ArenaChunk::kRegionBytes;
  size = RoundUp(size, kPageBytes);
  void* const mapped = mmap(nullptr, size + kAlignment, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* const first = static_cast<char*>(mapped);
  const size_t before = -reinterpret_cast<uintptr_t>(first) & (kAlignment - 1);
  char* const begin = first + before;
  if (before > 0) munmap(first, before);
  munmap(begin + size, kAlignment - before);
  Region& region = regions_[begin];
  region.begin = begin;
  region.size = size;
  num_bytes_ += size;
  return begin;
}

void ChunkArena::StartRegion() {
  const char* const full = begin_;
  begin_ = NewRegion(ArenaChunk::kRegionBytes);
  end_ = begin_ + ArenaChunk::kRegionBytes;
  next_ = begin_ + ArenaChunk::kFrontAlignment;  // so that no front is at 0
  fronts_.clear();
  if (full != nullptr) FreeIfEmpty(full);
}

void ChunkArena::FreeIfEmpty(const char* region) {
  const auto found = regions_.find(region);
  if (found->second.num_chunks > 0 || region == begin_) return;
  free_.push_back(found->second);
  num_bytes_ -= found->second.size;
  regions_.erase(found);
}

ArenaChunk::Front& ChunkArena::FrontAt(uint16_t place) const {
  return *reinterpret_cast<ArenaChunk::Front*>(begin_ + ArenaChunk::kFrontAlignment * place);
}

uint16_t ChunkArena::FindFront(const FrontKey& key, std::string_view bytes) const {
  const auto found = fronts_.find(key);
  if (found == fronts_.end()) return 0;
  const ArenaChunk::Front& front = FrontAt(found->second);
  const std::string_view known(reinterpret_cast<const char*>(&front + 1), front.size);
  return bytes.starts_with(known) ? found->second : 0;
}

// Writes one behind `at` and returns its end.
char* ChunkArena::WriteFront(const FrontKey& key, std::string_view bytes, char* at) {
  new (at) ArenaChunk::Front{key.range, key.count, static_cast<uint32_t>(bytes.size())};
  at += sizeof(ArenaChunk::Front);
  Store(bytes.data(), bytes.size(), at);
  return at;
}

// Likewise; the chunk is the newest of `chain` then.
char* ChunkArena::WriteChunk(uint16_t front, std::string_view rest, char* at, ChunkChain& chain) {
  const auto size = static_cast<uint16_t>(rest.size());
  const char* const before = std::exchange(chain.newest_, ArenaChunk(at)).at_;
  ++chain.size_;
  ++regions_.find(chain.newest_.region())->second.num_chunks;
  Store(&before, sizeof(before), at);
  Store(&front, sizeof(front), at);
  Store(&size, sizeof(size), at);
  Store(rest.data(), rest.size(), at);
  return at;
}

void ChunkArena::Append(TimeRange range, uint32_t count, std::string_view bytes,
                        ChunkChain& chain) {
  constexpr size_t kMaxMore =
      ArenaChunk::kFrontAlignment + sizeof(ArenaChunk::Front) + ArenaChunk::kRestAt;
  const FrontKey key{range, count};
  if (bytes.size() > kMaxSharedBytes) return AppendLarge(key, bytes, chain);
  if (static_cast<size_t>(end_ - next_) < bytes.size() + kMaxMore) StartRegion();
  uint16_t front = FindFront(key, bytes);
  if (front == 0) {
    const size_t at = RoundUp(static_cast<size_t>(next_ - begin_), ArenaChunk::kFrontAlignment);
    const size_t size = ChunkFrontSize(bytes);
    next_ = WriteFront(key, bytes.substr(0, size), begin_ + at);
    front = static_cast<uint16_t>(at / ArenaChunk::kFrontAlignment);
    if (size < bytes.size()) fronts_[key] = front;  // or else it may be damaged
  }
  next_ = WriteChunk(front, bytes.substr(FrontAt(front).size), next_, chain);
}

// As one piece behind a chunk without any.
void ChunkArena::AppendLarge(const FrontKey& key, std::string_view bytes, ChunkChain& chain) {
  constexpr size_t kFrontAt = ArenaChunk::kFrontAlignment;
  char* const begin = NewRegion(kFrontAt + sizeof(ArenaChunk::Front) + bytes.size());
  WriteChunk(1, {}, begin, chain);
  WriteFront(key, bytes, begin + kFrontAt);
}

void ChunkArena::Truncate(size_t num_kept, ChunkChain& chain) {
  size_t i = 0;
  for (const ArenaChunk chunk : chain) {
    if (i++ < num_kept) continue;
    --regions_.find(chunk.region())->second.num_chunks;
    FreeIfEmpty(chunk.region());
  }
  chain.size_ = static_cast<uint32_t>(std::min<size_t>(num_kept, chain.size_));
}

}  // namespace tidemark::tsdb
