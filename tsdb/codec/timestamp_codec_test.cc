#include "tsdb/codec/timestamp_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/testing/sample_shapes.h"

namespace tidemark::tsdb {
namespace {

using Layout = TimestampCodec::Layout;

TEST(TimestampCodecTest, ARegularIntervalTakesNoBytes) {
  for (const std::vector<TimestampMs>& times :
       {std::vector<TimestampMs>{5}, {5, 9}, {-15, 0, 15, 30}, {kMinTimestamp, 0}}) {
    std::string bytes;
    EXPECT_EQ(TimestampCodec::Encode(times, &bytes), Layout::kRegular);
    EXPECT_TRUE(bytes.empty());
    std::string_view rest;
    std::vector<TimestampMs> decoded(times.size());
    const absl::Status status =
        TimestampCodec::Decode(Layout::kRegular, times.front(), times.back(), rest, decoded);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(decoded, times);
  }
}

TEST(TimestampCodecTest, JitterTakesTheBitsOfTheJitter) {
  const auto samples =
      testing::MakeSamples(testing::TimestampShapes()[1], testing::ValueShapes()[0], 120, 1);
  std::string bytes;
  EXPECT_EQ(TimestampCodec::Encode(samples.timestamps, &bytes), Layout::kIrregular);
  EXPECT_LE(bytes.size(), 120u * 3 / 8 + 15);
}

TEST(TimestampCodecTest, WhatDoesNotAscendFromFirstToLastIsDataLoss) {
  struct Case {
    std::string_view name;
    TimestampMs first, last;
    size_t count;
  };
  constexpr Case kCases[] = {
      {"the interval is no whole number", 0, 10, 4},
      {"one time twice", 5, 5, 2},
      {"backwards", 10, 0, 2},
      {"one sample with two times", 0, 10, 1},
  };
  for (const Case& c : kCases) {
    std::string_view rest;
    std::vector<TimestampMs> decoded(c.count);
    EXPECT_EQ(TimestampCodec::Decode(Layout::kRegular, c.first, c.last, rest, decoded).code(),
              absl::StatusCode::kDataLoss)
        << c.name;
  }
  std::string bytes;
  ASSERT_EQ(TimestampCodec::Encode(std::vector<TimestampMs>{0, 5, 7}, &bytes), Layout::kIrregular);
  for (const TimestampMs last : {6, 8}) {
    std::string_view rest = bytes;
    std::vector<TimestampMs> decoded(3);
    EXPECT_FALSE(TimestampCodec::Decode(Layout::kIrregular, 0, last, rest, decoded).ok());
  }
}

}  // namespace
}  // namespace tidemark::tsdb
