#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark {

// CRC-32 with the Castagnoli polynomial: for formats of others that prescribe it; what is ours has
// Checksum32. Thread-safe. Cost: about a nanosecond a byte of eight.
uint32_t Crc32c(std::string_view bytes);

}  // namespace tidemark
