#include "tsdb/index/posting_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

using Numbers = std::vector<uint32_t>;

std::string Encode(const Numbers& numbers) {
  PostingEncoder encoder;
  for (const uint32_t n : numbers) encoder.Add(n);
  std::string bytes;
  encoder.AppendTo(&bytes);
  return bytes;
}

// Every `step`th number of [begin, end).
Numbers Range(uint32_t begin, uint32_t end, uint32_t step = 1) {
  Numbers numbers;
  for (uint64_t n = begin; n < end; n += step) numbers.push_back(static_cast<uint32_t>(n));
  return numbers;
}

struct Shape {
  std::string_view name;
  Numbers numbers;
  size_t max_bytes;
};

std::vector<Shape> Shapes() {
  Numbers scattered = Range(5, 5'000'000, 997);
  for (const uint32_t n : Range(100'000, 200'000)) scattered.push_back(n);
  std::sort(scattered.begin(), scattered.end());
  scattered.erase(std::unique(scattered.begin(), scattered.end()), scattered.end());
  return {
      {"the first", {0}, 2},
      {"the last that there can be", {0xfffffffe}, 6},
      {"a few", {3, 4, 70, 5000}, 8},
      {"more than few", Range(10, 1000, 3), 400},
      {"as many deltas as there are", Range(0, 4096), 4100},
      {"one run", Range(0, 1'000'000), 300},
      {"dense", Range(1, 1'000'000, 2), 150'000},
      {"an array in each container", Range(7, 10'000'000, 1000), 22'000},
      {"of all kinds", scattered, 30'000},
  };
}

TEST(PostingListTest, EncodesAndDecodes) {
  for (const Shape& s : Shapes()) {
    const std::string bytes = Encode(s.numbers);
    EXPECT_LE(bytes.size(), s.max_bytes) << s.name;
    EXPECT_EQ(PostingEncoder::SizeOf(bytes), s.numbers.size()) << s.name;
    const uint32_t num_series = s.numbers.back() + 1;
    const auto list = PostingList::Decode(bytes, num_series);
    ASSERT_TRUE(list.has_value()) << s.name;
    EXPECT_EQ(list->size(), s.numbers.size()) << s.name;
    EXPECT_EQ(PostingSet(*list).ToVector(), s.numbers) << s.name;
    PostingUnion both;
    ASSERT_TRUE(both.AddEncoded(bytes, num_series)) << s.name;
    EXPECT_EQ(both.size_bound(), s.numbers.size()) << s.name;
    EXPECT_EQ(both.ToSet().ToVector(), s.numbers) << s.name;
    EXPECT_FALSE(PostingList::Decode(bytes, num_series - 1).has_value()) << s.name;
  }
}

TEST(PostingUnionTest, ManyListsInAnyOrderAndWithinBounds) {
  PostingUnion all, some(1000, 1999);
  Numbers want;
  for (const uint32_t begin : {5u, 0u, 3u, 7u}) {
    const std::string bytes = Encode(Range(begin, 30'000, 8));
    ASSERT_TRUE(all.AddEncoded(bytes, 30'000) && some.AddEncoded(bytes, 30'000));
    for (const uint32_t n : Range(begin, 30'000, 8)) want.push_back(n);
  }
  std::sort(want.begin(), want.end());
  EXPECT_EQ(all.ToSet().ToVector(), want);
  PostingSet within = all.ToSet();
  within = within.Filter([](uint32_t n) { return n >= 1000 && n < 2000; });
  EXPECT_EQ(within.min(), 1000);
  EXPECT_EQ(within.max(), 1999);
  EXPECT_EQ(some.size_bound(), within.size());
  EXPECT_EQ(some.ToSet().ToVector(), within.ToVector());
}

TEST(PostingListTest, DamagedBytesAreRefusedOrGiveAWholeList) {
  constexpr uint64_t kSeed = 3;
  SCOPED_TRACE(StrCat("seed ", kSeed));
  std::mt19937_64 random(kSeed);
  for (const Shape& s : Shapes()) {
    const std::string bytes = Encode(s.numbers);
    const uint32_t num_series = s.numbers.back() + 1;
    for (int round = 0; round < 1000; ++round) {
      std::string damaged = bytes;
      // Mostly at the front, where counts and kinds are.
      const size_t at = random() % std::min<size_t>(bytes.size(), round % 2 == 0 ? 64 : SIZE_MAX);
      damaged[at] = static_cast<char>(random());
      if (round % 5 == 0) damaged.resize(random() % (damaged.size() + 4));
      const auto list = PostingList::Decode(damaged, num_series);
      if (!list) continue;
      const Numbers numbers = PostingSet(*list).ToVector();
      ASSERT_EQ(numbers.size(), list->size()) << s.name;
      ASSERT_TRUE(std::is_sorted(numbers.begin(), numbers.end(), std::less_equal<>())) << s.name;
      ASSERT_LT(numbers.back(), num_series) << s.name;
    }
  }
}

TEST(PostingSetTest, Algebra) {
  PostingList odd, small;
  for (const uint32_t n : Range(1, 1000, 2)) odd.Add(n);
  for (const uint32_t n : {2, 3, 900}) small.Add(n);
  PostingUnion both, only_odd;
  both.Add(odd);
  both.Add(small);
  only_odd.Add(odd);
  PostingSet set = PostingSet::Below(5);
  EXPECT_EQ(set.ToVector(), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_TRUE(set.Intersects(small));
  set.IntersectWith(both);
  EXPECT_EQ(set.ToVector(), (Numbers{1, 2, 3}));
  set.Subtract(only_odd);
  EXPECT_EQ(set.ToVector(), Numbers{2});
  set.Subtract(both);
  EXPECT_TRUE(set.empty());
  EXPECT_TRUE(set == PostingSet());
}

}  // namespace
}  // namespace tidemark::tsdb
