#pragma once

#include <cstdint>
#include <string_view>

// XXH3, the one hash of the project. Not for adversaries without a secret seed.
namespace tidemark {

struct Hash128 {
  uint64_t low = 0, high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const Hash128& h) {
    return H::combine(std::move(state), h.low);  // already uniform
  }
};

// Same value in every process: for files and for anything users can see.
uint64_t StableHash64(std::string_view bytes);
// Seeded once per process from the operating system: for tables keyed by bytes that came from
// outside.
Hash128 SeededHash128(std::string_view bytes);
// What stored records are checked with: the low 32 bits of XXH3-64.
inline uint32_t Checksum32(std::string_view bytes) {
  return static_cast<uint32_t>(StableHash64(bytes));
}

}  // namespace tidemark
