#include "tsdb/journal/journal_record.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "base/io/hash.h"
#include "base/model/staleness.h"

namespace tidemark::tsdb {
namespace {

// What a decoded batch compares by; labels are copied, for the views end with the record.
struct Plain {
  std::vector<std::pair<SeriesRef, std::string>> series;
  std::vector<std::tuple<SeriesRef, TimestampMs, uint64_t>> samples;
  friend bool operator==(const Plain&, const Plain&) = default;
};

Plain ToPlain(std::span<const NewSeries> series, std::span<const SeriesSample> samples) {
  Plain plain;
  for (const NewSeries& s : series) plain.series.emplace_back(s.series, s.labels);
  for (const SeriesSample& s : samples) {
    plain.samples.emplace_back(s.series, s.timestamp, std::bit_cast<uint64_t>(s.value));
  }
  return plain;
}

std::string Encode(const JournalBatch& batch) {
  std::string record;
  EncodeJournalRecord(batch.new_series, batch.samples, &record);
  return record;
}

TEST(JournalRecordTest, RoundTrips) {
  struct Case {
    std::string_view name;
    JournalBatch batch;
  };
  const Case kCases[] = {
      {"empty", {}},
      {"a series without samples", {{{SeriesRef{7}, "labels"}}, {}}},
      {"empty label bytes", {{{SeriesRef{1}, ""}}, {{SeriesRef{1}, 5, 1.5}}}},
      {"one scrape",
       {{{SeriesRef{1}, "a"}, {SeriesRef{2}, std::string_view("\0b", 2)}},
        {{SeriesRef{1}, 1000, 1}, {SeriesRef{2}, 1000, -0.0}, {SeriesRef{3}, 1000, 0.0}}}},
      {"falling references and times",
       {{}, {{SeriesRef{9}, 3000, 1}, {SeriesRef{2}, 2000, 2}, {SeriesRef{2}, 2000, 3}}}},
      {"ends of the ranges",
       {{},
        {{SeriesRef{~uint64_t{0}}, kMinTimestamp, StaleMarker()},
         {SeriesRef{1}, kMaxTimestamp, NormalNan()},
         {SeriesRef{~uint64_t{0}}, kMinTimestamp, -std::numeric_limits<double>::infinity()}}}},
  };
  for (const Case& c : kCases) {
    const std::string record = Encode(c.batch);
    JournalBatch decoded;
    const absl::Status status = DecodeJournalRecord(record, decoded);
    ASSERT_TRUE(status.ok()) << c.name << ": " << status;
    EXPECT_EQ(ToPlain(decoded.new_series, decoded.samples),
              ToPlain(c.batch.new_series, c.batch.samples))
        << c.name;
  }
}

TEST(JournalRecordTest, OneTimestampCostsNothingPerSample) {
  JournalBatch batch;
  for (uint64_t i = 1; i <= 1000; ++i)
    batch.samples.push_back({SeriesRef{i}, 1'700'000'000'000, 1});
  EXPECT_LT(Encode(batch).size(), 1000 * (sizeof(double) + 1) + 32);
}

TEST(JournalRecordTest, AnyChangedByteIsDataLoss) {
  JournalBatch batch;
  batch.new_series.push_back({SeriesRef{3}, "some label bytes"});
  for (uint64_t i = 1; i < 20; ++i) batch.samples.push_back({SeriesRef{i}, 1000, 0.5});
  const std::string record = Encode(batch);
  JournalBatch decoded;
  for (size_t i = 0; i < record.size(); ++i) {
    for (const char flip : {1, 0x40, -0x80}) {
      std::string damaged = record;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      EXPECT_TRUE(absl::IsDataLoss(DecodeJournalRecord(damaged, decoded))) << "byte " << i;
    }
    EXPECT_TRUE(absl::IsDataLoss(DecodeJournalRecord(record.substr(0, i), decoded)))
        << "cut at " << i;
  }
}

// Bytes with a right checksum may still be nonsense: only the decoder's own checks see that.
TEST(JournalRecordTest, NonsenseUnderAGoodChecksumIsAnError) {
  constexpr uint64_t kSeed = 20240611;
  std::mt19937_64 random(kSeed);
  JournalBatch batch;
  batch.new_series.push_back({SeriesRef{3}, "labels"});
  for (uint64_t i = 1; i < 10; ++i) batch.samples.push_back({SeriesRef{i}, 1000, 0.5});
  const std::string record = Encode(batch);
  for (int round = 0; round < 20'000; ++round) {
    std::string body = record.substr(0, record.size() - 4);
    for (uint64_t k = random() % 4 + 1; k > 0; --k) {
      body[random() % body.size()] = static_cast<char>(random());
    }
    body.resize(body.size() - random() % 3);
    const uint32_t checksum = Checksum32(body);
    body.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
    JournalBatch decoded;
    DecodeJournalRecord(body, decoded).IgnoreError();  // must not crash or read outside
  }
}

TEST(JournalRecordTest, NewerVersionIsRefused) {
  std::string record = Encode({});
  record[0] = 2;
  record.resize(record.size() - 4);
  const uint32_t checksum = Checksum32(record);
  record.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  JournalBatch decoded;
  EXPECT_TRUE(absl::IsFailedPrecondition(DecodeJournalRecord(record, decoded)));
}

}  // namespace
}  // namespace tidemark::tsdb
