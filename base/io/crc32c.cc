#include "base/io/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

// Eight bytes a step through eight tables. Method: Kounavis and Berry, "A Systematic Approach to
// Building High Performance Software-based CRC Generators", ISCC 2005.
namespace tidemark {
namespace {

static_assert(std::endian::native == std::endian::little, "eight bytes are read as one number");

constexpr uint32_t kPolynomial = 0x82f63b78;  // bits reversed
constexpr size_t kStep = 8;
// Table k: what a byte does to the checksum of k zero bytes behind it.
using Tables = std::array<std::array<uint32_t, 256>, kStep>;

constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < kStep; ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8) ^ tables[0][crc & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
  uint32_t crc = ~uint32_t{0};
  for (; bytes.size() >= kStep; bytes.remove_prefix(kStep)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), kStep);
    word ^= crc;
    crc = 0;
    for (size_t i = 0; i < kStep; ++i) crc ^= kTables[kStep - 1 - i][(word >> (8 * i)) & 0xff];
  }
  for (const char c : bytes) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(c)) & 0xff];
  return ~crc;
}

}  // namespace tidemark
