#include "tsdb/journal/journal_record.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "base/io/hash.h"
#include "base/model/staleness.h"
#include "tests/testing/histogram_shapes.h"
#include "tsdb/codec/histogram_row.h"

namespace tidemark::tsdb {
namespace {

using std::string_literals::operator""s;

// What a decoded batch compares by; labels are copied, for the views end with the record.
struct Plain {
  std::vector<std::pair<SeriesRef, std::string>> series;
  std::vector<std::tuple<SeriesRef, TimestampMs, uint64_t>> samples;
  std::vector<SeriesDeletion> deletions;
  std::vector<std::tuple<SeriesRef, TimestampMs, std::string>> histograms;
  std::vector<std::tuple<SeriesRef, TimestampMs, uint64_t, std::string>> exemplars;
  friend bool operator==(const Plain&, const Plain&) = default;
};

Plain ToPlain(const JournalBatch& batch) {
  Plain plain;
  for (const NewSeries& s : batch.new_series) plain.series.emplace_back(s.series, s.labels);
  for (const SeriesSample& s : batch.samples) {
    plain.samples.emplace_back(s.series, s.timestamp, std::bit_cast<uint64_t>(s.value));
  }
  plain.deletions = batch.deletions;
  for (const SeriesHistogram& h : batch.histograms) {
    plain.histograms.emplace_back(h.series, h.timestamp, h.bytes);
  }
  for (const SeriesExemplar& e : batch.exemplars) {
    plain.exemplars.emplace_back(e.series, e.timestamp, std::bit_cast<uint64_t>(e.value), e.labels);
  }
  return plain;
}

std::string Encode(const JournalBatch& batch) {
  std::string record;
  EncodeJournalRecord(
      {batch.new_series, batch.samples, batch.deletions, batch.histograms, batch.exemplars},
      &record);
  return record;
}

// Some histograms of different series, as bytes.
std::vector<std::string> HistogramBytes(uint64_t seed) {
  std::vector<std::string> bytes;
  for (const bool is_float : {false, true}) {
    const HistogramColumns histograms = tidemark::testing::MakeHistograms(seed, 20, is_float);
    for (size_t i = 0; i < histograms.size(); ++i) {
      AppendHistogram(histograms[i], &bytes.emplace_back());
    }
  }
  return bytes;
}

constexpr SeriesRef Ref(uint64_t generation, uint64_t number) {
  return SeriesRef{generation << 32 | number};
}

// `body` with a right checksum.
std::string Sealed(std::string body) {
  const uint32_t checksum = Checksum32(body);
  body.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  return body;
}

TEST(JournalRecordTest, RoundTrips) {
  struct Case {
    std::string_view name;
    JournalBatch batch;
  };
  const Case kCases[] = {
      {"empty", {}},
      {"a series without samples", {{{SeriesRef{7}, "labels"}}, {}, {}}},
      {"empty label bytes", {{{SeriesRef{1}, ""}}, {{SeriesRef{1}, 5, 1.5}}, {}}},
      {"one scrape",
       {{{SeriesRef{1}, "a"}, {SeriesRef{2}, std::string_view("\0b", 2)}},
        {{SeriesRef{1}, 1000, 1}, {SeriesRef{2}, 1000, -0.0}, {SeriesRef{3}, 1000, 0.0}},
        {}}},
      {"falling references and times",
       {{}, {{SeriesRef{9}, 3000, 1}, {SeriesRef{2}, 2000, 2}, {SeriesRef{2}, 2000, 3}}, {}}},
      {"generations",
       {{{Ref(3, 1), "a"}, {Ref(~uint32_t{0}, 2), "b"}, {Ref(4, 1), "c"}},
        {{Ref(3, 1), 1000, 1}, {Ref(~uint32_t{0}, 2), 1000, 2}, {Ref(4, 1), 1000, 3}},
        {{Ref(3, 1), {0, 1000}}, {Ref(~uint32_t{0}, 2), {0, 1000}}}}},
      {"exemplars",
       {{{Ref(3, 1), "a"}},
        {{Ref(3, 1), 1000, 1}},
        {{Ref(3, 1), {0, 1000}}},
        {},
        {{Ref(3, 1), 1000, 0.5, "labels"},
         {Ref(3, 1), 900, NormalNan(), ""},
         {Ref(~uint32_t{0}, 2), kMinTimestamp, -0.0, std::string_view("\0x", 2)}}}},
      {"exemplars alone", {{}, {}, {}, {}, {{Ref(0, 1), kMaxTimestamp, 1, "x"}}}},
      {"ends of the ranges",
       {{},
        {{SeriesRef{~uint64_t{0}}, kMinTimestamp, StaleMarker()},
         {SeriesRef{1}, kMaxTimestamp, NormalNan()},
         {SeriesRef{~uint64_t{0}}, kMinTimestamp, -std::numeric_limits<double>::infinity()}},
        {{SeriesRef{~uint64_t{0}}, TimeRange()},
         {SeriesRef{1}, {kMaxTimestamp, kMaxTimestamp}},
         {Ref(7, 1), {kMinTimestamp, kMinTimestamp}}}}},
  };
  for (const Case& c : kCases) {
    const std::string record = Encode(c.batch);
    JournalBatch decoded;
    const absl::Status status = DecodeJournalRecord(record, decoded);
    ASSERT_TRUE(status.ok()) << c.name << ": " << status;
    EXPECT_EQ(ToPlain(decoded), ToPlain(c.batch)) << c.name;
  }
}

TEST(JournalRecordTest, OneTimestampCostsNothingPerSample) {
  JournalBatch batch;
  for (uint64_t i = 1; i <= 1000; ++i)
    batch.samples.push_back({SeriesRef{i}, 1'700'000'000'000, 1});
  EXPECT_LT(Encode(batch).size(), 1000 * (sizeof(double) + 1) + 32);
}

TEST(JournalRecordTest, GenerationsCostTwoBytesWhereTheyChange) {
  JournalBatch batch;
  for (uint64_t i = 1; i <= 1000; ++i) batch.samples.push_back({Ref(i % 2, i), 1000, 1});
  EXPECT_LT(Encode(batch).size(), 1000 * (sizeof(double) + 1 + 2) + 32);
}

TEST(JournalRecordTest, DeletionsOfNeighboursCostFourBytes) {
  JournalBatch batch;
  for (uint64_t i = 1; i <= 1000; ++i) {
    batch.deletions.push_back({Ref(5, i), {kMinTimestamp, 1'700'000'000'000}});
  }
  EXPECT_LT(Encode(batch).size(), 4 * 1000 + 64);
}

TEST(JournalRecordTest, AnyChangedByteIsDataLoss) {
  JournalBatch batch;
  batch.new_series.push_back({SeriesRef{3}, "some label bytes"});
  for (uint64_t i = 1; i < 20; ++i) batch.samples.push_back({SeriesRef{i}, 1000, 0.5});
  batch.deletions.push_back({Ref(2, 3), {0, 1000}});
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

TEST(JournalRecordTest, HistogramsRoundTrip) {
  const std::vector<std::string> bytes = HistogramBytes(1);
  JournalBatch batch;
  batch.samples.push_back({SeriesRef{1}, 1000, 0.5});
  for (size_t i = 0; i < bytes.size(); ++i) {
    batch.histograms.push_back(
        {Ref(i % 3, 40 - i), static_cast<TimestampMs>(i * i) - 1000, bytes[i]});
  }
  const std::string record = Encode(batch);
  JournalBatch decoded;
  ASSERT_TRUE(DecodeJournalRecord(record, decoded).ok());
  EXPECT_EQ(ToPlain(decoded), ToPlain(batch));
  // One that is cut off.
  batch.histograms[3].bytes.remove_suffix(1);
  EXPECT_TRUE(absl::IsDataLoss(DecodeJournalRecord(Encode(batch), decoded)));
}

// Bytes with a right checksum may still be nonsense: only the decoder's own checks see that.
TEST(JournalRecordTest, NonsenseUnderAGoodChecksumIsAnError) {
  constexpr uint64_t kSeed = 20240611;
  std::mt19937_64 random(kSeed);
  JournalBatch batch;
  batch.new_series.push_back({SeriesRef{3}, "labels"});
  for (uint64_t i = 1; i < 10; ++i) batch.samples.push_back({Ref(i / 3, i), 1000, 0.5});
  for (uint64_t i = 1; i < 4; ++i) batch.deletions.push_back({Ref(0, i), {-5, 1000}});
  const std::vector<std::string> bytes = HistogramBytes(kSeed);
  for (uint64_t i = 1; i < 4; ++i) batch.histograms.push_back({Ref(0, i), 1000, bytes[i]});
  const std::string record = Encode(batch);
  for (int round = 0; round < 20'000; ++round) {
    std::string body = record.substr(0, record.size() - 4);
    for (uint64_t k = random() % 4 + 1; k > 0; --k) {
      body[random() % body.size()] = static_cast<char>(random());
    }
    body.resize(body.size() - random() % 3);
    JournalBatch decoded;
    DecodeJournalRecord(Sealed(body), decoded).IgnoreError();  // must not crash or read outside
  }
}

TEST(JournalRecordTest, ReadsWhatItDoesNotWrite) {
  const std::string one = "\1\7\0\1a"s;                              // number 7, generation 0
  const std::string body = "\1\16\0\1\4\1"s + std::string(8, '\0');  // a sample of 7 at time 2
  const std::string deletion = "\1\16\0\4\6"s;                       // of 7, from 2 to 3
  struct Case {
    std::string_view name;
    std::string record;
    absl::StatusCode want;
  };
  const auto kOk = absl::StatusCode::kOk;
  const auto kDamaged = absl::StatusCode::kDataLoss;
  const auto kNewer = absl::StatusCode::kFailedPrecondition;
  const Case kCases[] = {
      {"version 1", "\1\1\7\1a\1\16\4\1"s + std::string(8, '\0'), kOk},
      {"version 1 has no sections", "\1\1\7\1a\1\16\4\1"s + std::string(8, '\0') + "\1\0"s,
       kDamaged},
      {"version 2", "\2"s + one + body, kOk},
      {"version 3", "\3"s + one + body, kNewer},
      {"deletions", "\2"s + one + body + "\1\5"s + deletion, kOk},
      {"deletions cut", "\2"s + one + body + "\1\4"s + deletion.substr(0, 4), kDamaged},
      {"deletions with more behind", "\2"s + one + body + "\1\6"s + deletion + "\1"s, kDamaged},
      {"deletion that ends before it begins", "\2"s + one + body + "\1\5\1\16\0\6\4"s, kDamaged},
      {"section twice", "\2"s + one + body + "\1\5"s + deletion + "\1\5"s + deletion, kDamaged},
      {"section of kind 0", "\2"s + one + body + "\0\1x"s, kDamaged},
      {"section of a later kind", "\2"s + one + body + "\3\1x"s, kNewer},
      {"exemplars that end too soon", "\2"s + one + body + "\2\1x"s, kDamaged},
      {"an exemplar without labels' length",
       "\2"s + one + body + "\2\14"s + "\1\2\0\2"s + std::string(8, '\0'), kDamaged},
      {"number 0", "\2\1\0\0\1a"s + body, kDamaged},
      {"number beyond 32 bits", "\2\1\x80\x80\x80\x80\x10\0\1a"s + body, kDamaged},
      {"generation beyond 32 bits", "\2\1\7\x80\x80\x80\x80\x10\1a"s + body, kDamaged},
      {"negative generation", "\2"s + one + "\1\16\1\1\4\1"s + std::string(8, '\0'), kDamaged},
  };
  for (const Case& c : kCases) {
    JournalBatch decoded;
    const absl::Status status = DecodeJournalRecord(Sealed(c.record), decoded);
    EXPECT_EQ(status.code(), c.want) << c.name << ": " << status;
    if (!status.ok()) continue;
    EXPECT_EQ(decoded.new_series.at(0).series, SeriesRef{7}) << c.name;
    EXPECT_EQ(decoded.samples.at(0).series, SeriesRef{7}) << c.name;
    EXPECT_EQ(decoded.samples.at(0).timestamp, 2) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
