#include "tsdb/import/wal_record.h"

#include <gtest/gtest.h>

#include <bit>

#include "tests/testing/histogram_shapes.h"
#include "tests/testing/prometheus_files.h"
#include "tsdb/codec/histogram_row.h"

namespace tidemark::tsdb {
namespace {

using ::tidemark::testing::AppendBigEndian;

TEST(WalRecordTest, SeriesSamplesAndTombstones) {
  WalRecord record;
  ASSERT_TRUE(
      DecodeWalRecord(testing::WalSeriesRecord({{7, {{"__name__", "up"}, {"job", "a"}}}, {9, {}}}),
                      record)
          .ok());
  EXPECT_EQ(record.type, WalRecord::Type::kSeries);
  ASSERT_EQ(record.series.size(), 2u);
  EXPECT_EQ(record.series[0].ref, 7u);
  EXPECT_EQ(record.series[0].labels.ToString(), "up{job=\"a\"}");
  EXPECT_TRUE(record.series[1].labels.empty());

  ASSERT_TRUE(
      DecodeWalRecord(testing::WalSamplesRecord({{7, 1000, 1.5}, {3, -20, -0.0}}), record).ok());
  EXPECT_EQ(record.type, WalRecord::Type::kSamples);
  EXPECT_TRUE(record.series.empty());
  ASSERT_EQ(record.samples.size(), 2u);
  EXPECT_EQ(record.samples[1].ref, 3u);
  EXPECT_EQ(record.samples[1].timestamp, -20);
  EXPECT_TRUE(std::signbit(record.samples[1].value));

  ASSERT_TRUE(DecodeWalRecord(testing::WalTombstoneRecord(7, -5, 5), record).ok());
  ASSERT_EQ(record.tombstones.size(), 1u);
  EXPECT_EQ(record.tombstones[0].range, (TimeRange{-5, 5}));
  // A deletion that concerned no time of the series.
  ASSERT_TRUE(DecodeWalRecord(testing::WalTombstoneRecord(7, 5, -5), record).ok());
  EXPECT_TRUE(record.tombstones.empty());
}

TEST(WalRecordTest, SamplesWithStartTimes) {
  std::string bytes = "\x0b";
  bytes += "\x0e\x14\x02";  // series 7 at 10, begun at 1
  AppendBigEndian(std::bit_cast<uint64_t>(1.5), 8, &bytes);
  bytes += std::string("\x02\x02\x01", 3);  // series 8 at 11, begun at the same time
  AppendBigEndian(std::bit_cast<uint64_t>(2.5), 8, &bytes);
  bytes += std::string("\x01\x04\x02\x06", 4);  // series 7 at 12, begun at 4
  AppendBigEndian(std::bit_cast<uint64_t>(3.5), 8, &bytes);
  WalRecord record;
  ASSERT_TRUE(DecodeWalRecord(bytes, record).ok());
  ASSERT_EQ(record.samples.size(), 3u);
  const WalRecord::Sample kWant[] = {{7, 10, 1.5}, {8, 11, 2.5}, {7, 12, 3.5}};
  for (size_t i = 0; i < record.samples.size(); ++i) {
    EXPECT_EQ(record.samples[i].ref, kWant[i].ref);
    EXPECT_EQ(record.samples[i].timestamp, kWant[i].timestamp);
    EXPECT_EQ(record.samples[i].value, kWant[i].value);
  }
}

TEST(WalRecordTest, Histograms) {
  for (const uint8_t type : {7, 8, 9, 10}) {
    SCOPED_TRACE(static_cast<int>(type));
    const HistogramColumns want = testing::MakeHistograms(type, 20, type % 2 == 0);
    WalRecord record;
    const std::string bytes = testing::WalHistogramsRecord(type, 7, want);
    ASSERT_TRUE(DecodeWalRecord(bytes, record).ok());
    ASSERT_EQ(record.type, WalRecord::Type::kHistograms);
    ASSERT_EQ(record.histograms.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      const WalRecord::Histogram& h = record.histograms[i];
      EXPECT_EQ(h.ref, 7u);
      EXPECT_EQ(h.timestamp, want.timestamps()[i]);
      std::string_view rest = h.bytes;
      HistogramRow row;
      ASSERT_TRUE(ConsumeHistogram(rest, &row));
      EXPECT_TRUE(SameBits(row.view(), want[i])) << i;
    }
    for (size_t size = 20; size < bytes.size(); ++size) {
      const absl::Status status = DecodeWalRecord(bytes.substr(0, size), record);
      EXPECT_TRUE(!status.ok() || record.histograms.size() < want.size()) << size;
    }
  }
}

TEST(WalRecordTest, TypesThatAreOnlyCounted) {
  const std::pair<char, WalRecord::Type> kCases[] = {{4, WalRecord::Type::kExemplars},
                                                     {5, WalRecord::Type::kMarkers},
                                                     {6, WalRecord::Type::kMetadata},
                                                     {14, WalRecord::Type::kMarkers}};
  for (const auto& [type, want] : kCases) {
    WalRecord record;
    ASSERT_TRUE(DecodeWalRecord(std::string(1, type) + "anything", record).ok());
    EXPECT_EQ(record.type, want);
  }
}

TEST(WalRecordTest, WhatIsNoRecord) {
  WalRecord record;
  EXPECT_EQ(DecodeWalRecord("", record).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeWalRecord("\x63", record).code(), absl::StatusCode::kDataLoss);
  for (const std::string& whole :
       {testing::WalSeriesRecord({{7, {{"a", "b"}}}}), testing::WalSamplesRecord({{7, 1, 1}}),
        testing::WalTombstoneRecord(7, 1, 2)}) {
    for (size_t size = 2; size < whole.size(); ++size) {
      const absl::Status status = DecodeWalRecord(whole.substr(0, size), record);
      // Without a whole sample a record of samples is an empty one.
      EXPECT_TRUE(!status.ok() || (record.samples.empty() && whole[0] == 2)) << size;
    }
  }
}

}  // namespace
}  // namespace tidemark::tsdb
