#include "tsdb/codec/mini_blocks.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tidemark::tsdb {
namespace {

std::vector<uint64_t> RoundTrip(const std::vector<uint64_t>& values) {
  std::string bytes;
  AppendMiniBlocks(values, &bytes);
  EXPECT_EQ(bytes.size(), MiniBlocksSize(values));
  std::string_view rest = bytes;
  std::vector<uint64_t> decoded(values.size(), 99);
  EXPECT_TRUE(ConsumeMiniBlocks(rest, decoded));
  EXPECT_TRUE(rest.empty());
  return decoded;
}

TEST(MiniBlocksTest, ValuesOfManyWidthsComeBack) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<uint64_t> values(random() % 100);
    const uint64_t usual_shift = random() % 64;
    for (uint64_t& value : values) {
      value = random() >> (random() % 20 == 0 ? random() % 64 : usual_shift);
    }
    ASSERT_EQ(RoundTrip(values), values) << "seed " << seed;
  }
}

TEST(MiniBlocksTest, AnOutlierCostsItsOwnBytesOnly) {
  std::vector<uint64_t> values(32, 5);
  EXPECT_EQ(MiniBlocksSize(values), 1u + 3 * 4);
  values[20] = uint64_t{1} << 40;
  EXPECT_LE(MiniBlocksSize(values), 1u + 3 * 4 + 1 + 1 + 6);
  values[20] = ~uint64_t{0};  // -1: a short patch, although all its bits are set
  EXPECT_LE(MiniBlocksSize(values), 1u + 3 * 4 + 1 + 1 + 1);
  EXPECT_EQ(RoundTrip(values), values);
}

TEST(MiniBlocksTest, BlocksOfOneWidthShareTheirHeader) {
  std::vector<uint64_t> values(120, 5);
  EXPECT_EQ(MiniBlocksSize(values), 1u + 3 * 15);
  EXPECT_EQ(RoundTrip(values), values);
  values[0] = 1000;  // wider than what follows
  for (size_t i = 1; i < 32; ++i) values[i] = 900;
  EXPECT_EQ(MiniBlocksSize(values), 1u + 10 * 4 + 1 + 3 * 11);
  EXPECT_EQ(RoundTrip(values), values);
}

TEST(MiniBlocksTest, DamageIsNoticedWhereItCannotBeBlocks) {
  struct Case {
    std::string_view name;
    std::string bytes;
  };
  const Case kCases[] = {
      {"nothing", ""},
      {"width 65", std::string(1, '\xc1') + std::string(1000, 'x')},
      {"too few packed bytes for all", std::string(1, 65 + 8) + "x"},
      {"too few packed bytes", std::string(1, 8) + "x"},
      {"patches of a full width", std::string(1, '\xc0') + std::string(1000, '\0')},
      {"no number of patches", std::string(1, '\x80')},
      {"a patch past the block", std::string("\x80\x01\x0a\x01", 4)},
      {"a patch that ends too soon", std::string("\x80\x01\x00\xff", 4)},
  };
  for (const Case& c : kCases) {
    std::string_view rest = c.bytes;
    std::vector<uint64_t> values(10);
    EXPECT_FALSE(ConsumeMiniBlocks(rest, values)) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
