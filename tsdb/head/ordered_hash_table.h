#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark::tsdb {

// A multiset of small slots in one array, seven eighths full at the most: linear probing in which
// the slots ascend by hash, so that a search ends at the first greater one whether or not it finds
// anything, and growth, by a fifth, is a pass from one array to the next.
// A Slot is trivially copyable; when made it `is_empty()`; `hash()` are 32 bits, evenly spread.
// Thread-compatible. Cost: a cache line or two; at times a pass over everything when adding.
// Source: O. Amble, D. E. Knuth, "Ordered hash tables", The Computer Journal 17(2), 1974.
template <typename Slot>
class OrderedHashTable {
 public:
  // The first slot of this hash for which `matches` holds, nullptr where there is none. Valid until
  // the table changes; the hash of the slot stays as it is.
  template <typename Matches>
  const Slot* Find(uint32_t hash, Matches matches) const {
    if (slots_.empty()) return nullptr;
    for (const Slot* slot = &slots_[Home(hash)]; !slot->is_empty() && slot->hash() <= hash;
         ++slot) {
      if (slot->hash() == hash && matches(*slot)) return slot;
    }
    return nullptr;
  }
  template <typename Matches>
  Slot* Find(uint32_t hash, Matches matches) {
    return const_cast<Slot*>(static_cast<const OrderedHashTable*>(this)->Find(hash, matches));
  }

  void Add(const Slot& slot) {
    Reserve(size_ + 1);
    while (!TryAdd(slot)) Rebuild(Grown(capacity_));
    ++size_;
  }

  // What Find gave.
  void Erase(Slot* slot) {
    --size_;
    for (; !slot[1].is_empty() && Home(slot[1].hash()) <= IndexOf(slot); ++slot) *slot = slot[1];
    *slot = Slot();
  }

  template <typename IsGone>
  void EraseIf(IsGone is_gone) {
    const size_t before = size_;
    for (Slot& slot : slots_) {
      if (slot.is_empty() || !is_gone(slot)) continue;
      slot = Slot();
      --size_;
    }
    if (size_ < before) Rebuild(CapacityFor(size_));
  }

  // Makes room for so many slots.
  void Reserve(size_t size) {
    if (CapacityFor(size) > capacity_) Rebuild(std::max(CapacityFor(size), Grown(capacity_)));
  }

  size_t size() const { return size_; }
  size_t bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  // Beyond the capacity, for slots that find theirs taken. The last slot of all stays empty.
  static constexpr size_t kOverhang = 32;

  static size_t CapacityFor(size_t size) { return size + size / 7 + 1; }
  static size_t Grown(size_t capacity) { return capacity + capacity / 5 + 1; }
  size_t Home(uint32_t hash) const { return static_cast<size_t>(uint64_t{hash} * capacity_ >> 32); }
  size_t IndexOf(const Slot* slot) const { return static_cast<size_t>(slot - slots_.data()); }

  bool TryAdd(const Slot& slot) {
    size_t at = Home(slot.hash());
    while (!slots_[at].is_empty() && slots_[at].hash() <= slot.hash()) ++at;
    size_t end = at;
    while (!slots_[end].is_empty()) ++end;
    if (end + 1 == slots_.size()) return false;
    std::copy_backward(&slots_[at], &slots_[end], &slots_[end] + 1);
    slots_[at] = slot;
    return true;
  }

  void Rebuild(size_t capacity) {
    while (!TryRebuild(capacity)) capacity = Grown(capacity);
  }

  bool TryRebuild(size_t capacity) {
    std::vector<Slot> slots(capacity + kOverhang);
    size_t next = 0;
    for (const Slot& slot : slots_) {
      if (slot.is_empty()) continue;
      next = std::max(next, static_cast<size_t>(uint64_t{slot.hash()} * capacity >> 32));
      if (next + 1 == slots.size()) return false;
      slots[next++] = slot;
    }
    slots_.swap(slots);
    capacity_ = capacity;
    return true;
  }

  std::vector<Slot> slots_;
  size_t capacity_ = 0;  // of hashes; slots_ has kOverhang more
  size_t size_ = 0;
};

}  // namespace tidemark::tsdb
