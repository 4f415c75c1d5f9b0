#include "tsdb/head/out_of_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace tidemark::tsdb {
namespace {

// The worst order: every chunk would reach over all times. A look into each of them for each sample
// would take minutes.
TEST(OutOfOrderTest, AnyOrderOfManySamples) {
  constexpr TimestampMs kCount = 50'000;
  std::vector<TimestampMs> times(kCount);
  std::iota(times.begin(), times.end(), 0);
  std::mt19937 random(1);
  std::shuffle(times.begin(), times.end(), random);
  OutOfOrder samples;
  for (const TimestampMs t : times) {
    const auto before = samples.Find(2 * t);
    ASSERT_TRUE(before.ok()) << before.status();
    ASSERT_FALSE(before->has_value()) << t;
    samples.Insert(2 * t, static_cast<double>(t));
  }
  EXPECT_EQ(samples.min_time(), 0);
  for (const TimestampMs t : {TimestampMs{0}, TimestampMs{777}, kCount - 1}) {
    EXPECT_EQ(**samples.Find(2 * t), IdentityOf(static_cast<double>(t)));
    EXPECT_FALSE(samples.Find(2 * t + 1)->has_value());
  }
  SampleColumns read;
  read.push_back(1001, -1);
  ASSERT_TRUE(samples.MergeInto({1000, 2000}, read).ok());
  ASSERT_EQ(read.size(), 502u);
  EXPECT_EQ(read.timestamps[1], 1001);
  EXPECT_TRUE(std::is_sorted(read.timestamps.begin(), read.timestamps.end()));

  // Setting apart changes nothing for readers; what comes later for a time that was set apart does
  // not join it.
  const auto frozen = samples.Freeze(kCount);
  ASSERT_TRUE(frozen.ok());
  ASSERT_EQ((*frozen)->size(), kCount / 2u);
  samples.Insert(1001, -1);
  EXPECT_EQ((*frozen)->size(), kCount / 2u);
  EXPECT_EQ(samples.num_samples(), kCount + 1u);
  EXPECT_EQ(**samples.Find(0), IdentityOf(0.0));
  samples.DropFrozen();
  SampleColumns rest;
  ASSERT_TRUE(samples.MergeInto(TimeRange(), rest).ok());
  ASSERT_EQ(rest.size(), kCount / 2u + 1);
  EXPECT_EQ(rest.timestamps[0], 1001);
  EXPECT_EQ(rest.timestamps[1], kCount);
}

TEST(OutOfOrderTest, ImageComesBackWholeOrNotAtAll) {
  OutOfOrder samples;
  for (TimestampMs t = 0; t < 1000; ++t) samples.Insert(t * 7919 % 1000, static_cast<double>(t));
  std::string image;
  samples.Save(&image);
  std::string_view rest = image;
  const absl::StatusOr<OutOfOrder> loaded = OutOfOrder::Load(rest);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE(rest.empty());
  SampleColumns before, after;
  ASSERT_TRUE(samples.MergeInto(TimeRange(), before).ok());
  ASSERT_TRUE(loaded->MergeInto(TimeRange(), after).ok());
  EXPECT_EQ(after.timestamps, before.timestamps);
  EXPECT_EQ(after.values, before.values);
  EXPECT_EQ(loaded->num_chunks(), samples.num_chunks());
  EXPECT_EQ(loaded->num_samples(), 1000u);
  for (size_t size = 0; size < image.size(); ++size) {
    std::string_view cut = std::string_view(image).substr(0, size);
    EXPECT_TRUE(absl::IsDataLoss(OutOfOrder::Load(cut).status())) << size;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
