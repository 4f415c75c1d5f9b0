#include "tsdb/block/chunks_file.h"

#include <gtest/gtest.h>

#include <limits>

namespace tidemark::tsdb {
namespace {

TEST(ChunksFileTest, KeysOrderAsTheirNumbers) {
  const std::string ascending[] = {BundleKey(0, kMinTimestamp),
                                   BundleKey(0, -1),
                                   BundleKey(0, 0),
                                   BundleKey(0, kMaxTimestamp),
                                   BundleKey(1, kMinTimestamp),
                                   BundleKey(256, 0),
                                   PageKey(ChunksKey::kTimeColumns, 0),
                                   PageKey(ChunksKey::kTimeColumns, 0xffffffff),
                                   PageKey(ChunksKey::kSpans, 0),
                                   FrontKey()};
  for (size_t i = 1; i < std::size(ascending); ++i) EXPECT_LT(ascending[i - 1], ascending[i]) << i;
  EXPECT_TRUE(IsBundleKey(ascending[0]));
  EXPECT_FALSE(IsBundleKey(ascending[6]));
  EXPECT_EQ(PageNumber(ascending[5]), 256u);
  EXPECT_EQ(BundleTime(ascending[1]), -1);
}

TEST(ChunksFileTest, TheFrontRoundTrips) {
  const ChunksFront front{.ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                          .range = {-7, kMaxTimestamp},
                          .num_samples = 1ull << 60,
                          .num_chunks = 5,
                          .num_series = 0xffffffff,
                          .num_time_columns = 3};
  const std::string bytes = FormatChunksFront(front);
  const auto read = ParseChunksFront(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->ulid, front.ulid);
  EXPECT_EQ(read->range, front.range);
  EXPECT_EQ(read->num_samples, front.num_samples);
  EXPECT_EQ(read->num_chunks, front.num_chunks);
  EXPECT_EQ(read->num_series, front.num_series);
  EXPECT_EQ(read->num_time_columns, front.num_time_columns);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(ParseChunksFront(bytes.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(ParseChunksFront(bytes + "x").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ParseChunksFront("\2" + bytes.substr(1)).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(TimeSlotsTest, CoverTheRangeAndEndWithIt) {
  for (const TimeRange& range : {TimeRange{0, 0}, TimeRange{-5, 5}, TimeRange{0, 7200000 - 1},
                                 TimeRange{kMinTimestamp, kMaxTimestamp}}) {
    const TimeSlots slots{range};
    const uint64_t length = TimeDistance(range.min, range.max);
    for (const TimestampMs t : {range.min, TimeAfter(range.min, length / 2), range.max}) {
      EXPECT_TRUE(slots.Times(slots.Of(t)).Contains(t)) << t;
    }
    EXPECT_EQ(slots.Times(0).min, range.min);
    EXPECT_EQ(slots.Times(slots.Of(range.max)).max, range.max);
  }
}

}  // namespace
}  // namespace tidemark::tsdb
