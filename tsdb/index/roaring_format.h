#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tidemark::tsdb {

// What a bitmap in Roaring's portable format holds.
struct RoaringContents {
  uint64_t count = 0;
  uint32_t last = 0;  // the greatest number
};

// Reads `bytes` through; nullopt where they are anything but one whole bitmap, not empty, in order
// and with the counts that it claims: the CRoaring we link checks none of this and would read and
// write out of bounds. Format: https://github.com/RoaringBitmap/RoaringFormatSpec
std::optional<RoaringContents> CheckRoaring(std::string_view bytes);

}  // namespace tidemark::tsdb
