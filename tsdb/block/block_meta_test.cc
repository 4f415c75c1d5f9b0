#include "tsdb/block/block_meta.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "base/io/hash.h"
#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

using ::testing::HasSubstr;

constexpr TimestampMs kNow = 1700000000000;

BlockMeta MakeMeta() {
  BlockMeta meta;
  meta.ulid = NewUlid(kNow);
  meta.min_time = -7200000;
  meta.max_time = 1700006400000;
  meta.stats = {123456789012, 20000, 40000, 7};
  meta.compaction = {3, {NewUlid(kNow), NewUlid(kNow)}, {NewUlid(kNow)}};
  return meta;
}

// `text` in front of the checksum that fits it.
std::string WithChecksum(std::string text) {
  char field[32];
  std::snprintf(field, sizeof(field), ",\"checksum\":\"%08x\"}\n", Checksum32(text));
  return text + field;
}

TEST(BlockMetaTest, RoundTrips) {
  const BlockMeta meta = MakeMeta();
  const absl::StatusOr<BlockMeta> parsed = ParseBlockMeta(FormatBlockMeta(meta));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->ulid, meta.ulid);
  EXPECT_EQ(parsed->range(), meta.range());
  EXPECT_EQ(parsed->stats.num_samples, meta.stats.num_samples);
  EXPECT_EQ(parsed->stats.num_series, meta.stats.num_series);
  EXPECT_EQ(parsed->stats.num_chunks, meta.stats.num_chunks);
  EXPECT_EQ(parsed->stats.num_tombstones, meta.stats.num_tombstones);
  EXPECT_EQ(parsed->compaction.level, meta.compaction.level);
  EXPECT_EQ(parsed->compaction.sources, meta.compaction.sources);
  EXPECT_EQ(parsed->compaction.parents, meta.compaction.parents);
  EXPECT_EQ(FormatBlockMeta(*parsed), FormatBlockMeta(meta));
}

TEST(BlockMetaTest, AnyFlippedBitOrMissingByteIsSeen) {
  const std::string text = FormatBlockMeta(MakeMeta());
  for (size_t i = 0; i < text.size() * 8; ++i) {
    std::string flipped = text;
    flipped[i / 8] ^= static_cast<char>(1 << (i % 8));
    EXPECT_EQ(ParseBlockMeta(flipped).status().code(), absl::StatusCode::kDataLoss) << flipped;
  }
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(ParseBlockMeta(text.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(BlockMetaTest, RefusesWhatAChecksumDoesNotExcuse) {
  struct Case {
    std::string_view name, text, message;
  };
  const Case cases[] = {
      {"not JSON", "{[", ""},
      {"a string", "\"x\"", ""},
      {"no ULID", R"({"ulid":"x","minTime":1,"maxTime":2,"version":1)", "ULID"},
      {"no time", R"({"ulid":"01ARZ3NDEKTSV4RRFFQ69G5FAV","minTime":2,"maxTime":2,"version":1)",
       "no time"},
      {"unknown field",
       R"({"ulid":"01ARZ3NDEKTSV4RRFFQ69G5FAV","minTime":1,"maxTime":2,"x":1,"version":1)", "x"},
      {"a negative count",
       R"({"ulid":"01ARZ3NDEKTSV4RRFFQ69G5FAV","stats":{"numSeries":-1},"version":1)", "negative"},
  };
  for (const Case& c : cases) {
    const absl::Status status = ParseBlockMeta(WithChecksum(std::string(c.text))).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << c.name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(c.message))) << c.name;
  }
  EXPECT_EQ(ParseBlockMeta(WithChecksum(R"({"version":2,"more":1)")).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(UlidTest, IsOfTheFormThatTheSpecificationSays) {
  const std::string ulid = NewUlid(4'000'000'000'000);  // later than in all other tests
  EXPECT_TRUE(IsUlid(ulid)) << ulid;
  EXPECT_EQ(ulid.substr(0, 10), "03MD998G00");
  for (const std::string_view bad : {"", "01ARZ3NDEKTSV4RRFFQ69G5FA", "81ARZ3NDEKTSV4RRFFQ69G5FAV",
                                     "01ARZ3NDEKTSV4RRFFQ69G5FAU", "01arz3ndektsv4rrffq69g5fav"}) {
    EXPECT_FALSE(IsUlid(bad)) << bad;
  }
}

TEST(UlidTest, OrderIsThatOfCreation) {
  std::string last;
  for (const TimestampMs now : {kNow + 1, kNow + 1, kNow + 1, kNow, kNow - 5, kNow + 2}) {
    const std::string ulid = NewUlid(now);
    EXPECT_LT(last, ulid);
    last = ulid;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
