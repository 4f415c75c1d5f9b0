#include "tsdb/codec/bit_packing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace tidemark::tsdb {
namespace {

TEST(BitPackingTest, EveryWidthAndCountComesBack) {
  std::mt19937_64 random(7);
  for (int width = 0; width <= kMaxPackedWidth; ++width) {
    for (size_t count = 0; count <= 5 * kPackedValues; ++count) {
      std::vector<uint64_t> values(count);
      for (uint64_t& value : values) value = width == 0 ? 0 : random() >> (64 - width);
      std::string packed = "front";
      PackBits(values, width, &packed);
      ASSERT_EQ(packed.size(), 5 + PackedBytes(count, width));
      // A buffer of its own, so that a sanitizer sees reads past the end.
      const std::vector<char> exact(packed.begin() + 5, packed.end());
      std::vector<uint64_t> unpacked(count, 99);
      UnpackBits({exact.data(), exact.size()}, width, unpacked);
      ASSERT_EQ(unpacked, values) << "width " << width << ", count " << count;
      std::fill(unpacked.begin(), unpacked.end(), 99);
      portable::UnpackBits({exact.data(), exact.size()}, width, unpacked);
      ASSERT_EQ(unpacked, values) << "width " << width << ", count " << count;
    }
  }
}

TEST(BitPackingTest, TheLayoutIsALittleEndianBitString) {
  std::string packed;
  PackBits(std::vector<uint64_t>{1, 2, 3, 0xff}, 4, &packed);
  EXPECT_EQ(packed, "\x21\xf3");
}

}  // namespace
}  // namespace tidemark::tsdb
