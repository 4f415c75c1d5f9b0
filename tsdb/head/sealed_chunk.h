#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// An immutable compressed chunk with the figures that decide whether a query needs it: one
// allocation, shared by counting. As large as a pointer; copying it pins the bytes. For samples out
// of order; those in order lie in a ChunkArena.
class SealedChunk {
 public:
  SealedChunk() = default;
  // `bytes` are what EncodeChunk or OpenChunk::Seal made of `count` samples within `range`.
  SealedChunk(TimeRange range, uint32_t count, std::string_view bytes)
      : header_(new (::operator new(sizeof(Header) + bytes.size())) Header) {
    header_->range = range;
    header_->count = count;
    header_->size = static_cast<uint32_t>(bytes.size());
    std::memcpy(data(), bytes.data(), bytes.size());
  }
  SealedChunk(const SealedChunk& other) : header_(other.header_) {
    if (header_ != nullptr) header_->num_owners.fetch_add(1, std::memory_order_relaxed);
  }
  SealedChunk(SealedChunk&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  SealedChunk& operator=(SealedChunk other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~SealedChunk() {
    if (header_ == nullptr) return;
    if (header_->num_owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    header_->~Header();
    ::operator delete(header_);
  }

  const TimeRange& range() const { return header_->range; }
  uint32_t count() const { return header_->count; }
  std::string_view bytes() const { return {data(), header_->size}; }

 private:
  struct Header {
    std::atomic<uint32_t> num_owners{1};
    uint32_t count, size;
    TimeRange range;
  };
  char* data() const { return reinterpret_cast<char*>(header_) + sizeof(Header); }

  Header* header_ = nullptr;
};

}  // namespace tidemark::tsdb
