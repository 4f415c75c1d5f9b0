#include "base/model/bucket_deltas.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark {
namespace {

using ::testing::ElementsAre;

std::vector<uint64_t> Sums(std::initializer_list<int64_t> deltas) {
  std::vector<uint64_t> counts;
  for (const int64_t delta : deltas) AppendDelta(delta, counts);
  return counts;
}

TEST(BucketDeltasTest, AddUp) {
  EXPECT_THAT(Sums({5, 2, -4, 9}), ElementsAre(5, 7, 3, 12));
  EXPECT_TRUE(CheckSummedDeltas(Sums({5, 2, -4, 9}), Sums({0})).ok());
}

TEST(BucketDeltasTest, NegativeCounts) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(CheckSummedDeltas(Sums({1, -3}), {}).message(),
            "positive side: bucket number 2 has observation count of -2: histogram has a bucket "
            "whose observation count is negative");
  EXPECT_EQ(CheckSummedDeltas(Sums({-1}), Sums({-2})).message(),
            "negative side: bucket number 1 has observation count of -2: histogram has a bucket "
            "whose observation count is negative");
  EXPECT_FALSE(CheckSummedDeltas(Sums({kLeast, -1, kLeast}), {}).ok()) << "wraps around";
}

}  // namespace
}  // namespace tidemark
