#include "tsdb/block/tombstones.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/io/hash.h"

namespace tidemark::tsdb {
namespace {

Tombstones MakeTombstones() {
  Tombstones tombstones;
  tombstones[0].Add({kMinTimestamp, -5});
  tombstones[0].Add({10, kMaxTimestamp});
  tombstones[7].Add({1700000000000, 1700000000000});
  tombstones[4294967295].Add({kMinTimestamp, kMaxTimestamp});
  return tombstones;
}

std::string WithChecksum(std::string bytes) {
  const uint32_t checksum = Checksum32(bytes);
  char tail[sizeof(checksum)];
  std::memcpy(tail, &checksum, sizeof(tail));
  return bytes.append(tail, sizeof(tail));
}

void ExpectSame(const Tombstones& a, const Tombstones& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [series, intervals] : a) {
    ASSERT_TRUE(b.contains(series)) << series;
    const auto other = b.at(series).ranges();
    EXPECT_TRUE(std::equal(intervals.ranges().begin(), intervals.ranges().end(), other.begin(),
                           other.end()))
        << series;
  }
}

TEST(TombstonesTest, RoundTrips) {
  for (const Tombstones& tombstones : {Tombstones(), MakeTombstones()}) {
    const absl::StatusOr<Tombstones> decoded = DecodeTombstones(EncodeTombstones(tombstones));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    ExpectSame(*decoded, tombstones);
  }
}

TEST(TombstonesTest, AnyFlippedBitOrMissingByteIsSeen) {
  const std::string bytes = EncodeTombstones(MakeTombstones());
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string flipped = bytes;
    flipped[i / 8] ^= static_cast<char>(1 << (i % 8));
    EXPECT_EQ(DecodeTombstones(flipped).status().code(), absl::StatusCode::kDataLoss) << i;
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeTombstones(bytes.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(TombstonesTest, RefusesWhatAChecksumDoesNotExcuse) {
  struct Case {
    std::string_view name;
    std::string bytes;
  };
  const std::string one = std::string("\1\1\0\1", 4);  // one interval for series 0
  const Case cases[] = {
      {"more series than bytes", "\1\x7f"},
      {"a series without intervals", std::string("\1\1\0\0", 4)},
      {"the same series twice", std::string("\1\2\0\1\5\5\0\1\5\5", 10)},
      {"an interval past the end of time", one + "\1" + std::string(9, '\xff') + "\1"},
      {"touching intervals", std::string("\1\1\0\2\5\5\1\5", 8)},
      {"bytes left over", one + "\5\5\5"},
      {"no interval", one},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(DecodeTombstones(WithChecksum(c.bytes)).status().code(), absl::StatusCode::kDataLoss)
        << c.name;
  }
  EXPECT_EQ(DecodeTombstones(WithChecksum("\2")).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace tidemark::tsdb
