#include "tsdb/codec/histogram_codec.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/testing/histogram_shapes.h"
#include "tsdb/codec/chunk.h"

namespace tidemark::tsdb {
namespace {

using tidemark::testing::MakeHistograms;
using tidemark::testing::Random;

std::string Encode(const HistogramColumns& histograms) {
  std::string chunk;
  EXPECT_TRUE(EncodeChunk(histograms, 0, histograms.size(), &chunk).ok());
  return chunk;
}

// With integer and with float counts.
class HistogramCodecTest : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Counts, HistogramCodecTest, ::testing::Bool());

TEST_P(HistogramCodecTest, RandomHistogramsComeBackBitForBit) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const HistogramColumns histograms = MakeHistograms(seed, seed % 7 * 40 + seed % 3, GetParam());
    SampleColumns decoded;
    const absl::Status status = DecodeChunk(Encode(histograms), decoded);
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status;
    ASSERT_TRUE(SameBits(decoded.histograms, histograms)) << "seed " << seed;
    ASSERT_TRUE(decoded.empty());
  }
}

TEST_P(HistogramCodecTest, OnlyThoseThatAreWantedCanBeRead) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    HistogramColumns histograms = MakeHistograms(seed, 1 + seed % 150, GetParam());
    const auto times = histograms.timestamps();
    const TimeRange wanted = {times[random() % times.size()], times[random() % times.size()]};
    const std::string chunk = Encode(histograms);
    const size_t front = ChunkFrontSize(chunk);
    const std::string_view bytes = chunk;
    SampleColumns decoded;
    ASSERT_TRUE(DecodeChunk(bytes.substr(0, front), bytes.substr(front), decoded, wanted).ok());
    histograms.KeepRange(wanted);
    ASSERT_TRUE(SameBits(decoded.histograms, histograms)) << "seed " << seed;
  }
}

TEST_P(HistogramCodecTest, TruncatedAndPaddedChunksAreDataLoss) {
  const std::string chunk = Encode(MakeHistograms(7, 30, GetParam()));
  SampleColumns decoded;
  decoded.histograms = MakeHistograms(1, 1, GetParam());
  for (size_t size = 0; size < chunk.size(); ++size) {
    const absl::Status status = DecodeChunk(std::string_view(chunk).substr(0, size), decoded);
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << "cut at " << size;
    ASSERT_EQ(decoded.num_samples(), 1u);
  }
  EXPECT_EQ(DecodeChunk(chunk + 'x', decoded).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(decoded.num_samples(), 1u);
}

TEST_P(HistogramCodecTest, DamagedBytesDecodeToSamplesOrDataLoss) {
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    Random random(seed);
    std::string chunk = Encode(MakeHistograms(seed, 1 + random() % 20, GetParam()));
    for (uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
      chunk[random() % chunk.size()] = static_cast<char>(random());
    }
    SampleColumns decoded, again;
    const absl::Status status = DecodeChunk(chunk, decoded);
    if (!status.ok()) {
      ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << "seed " << seed;
      continue;
    }
    ASSERT_TRUE(DecodeChunk(Encode(decoded.histograms), again).ok()) << "seed " << seed;
    ASSERT_TRUE(SameBits(again.histograms, decoded.histograms)) << "seed " << seed;
  }
}

TEST_P(HistogramCodecTest, OneLayoutIsStatedOnceAndStillBucketsCostThreeBytes) {
  HistogramLayout layout;
  layout.schema = 3;
  layout.positive_spans = {{-20, 40}};
  HistogramSample sample;
  sample.layout = std::make_shared<const HistogramLayout>(layout);
  sample.positive_counts.assign(40, 7);
  sample.count = 280;
  HistogramColumns integers, histograms;
  integers.push_back(0, sample);
  const FloatHistogramSample floats = ToFloatHistogram(integers[0]);
  for (TimestampMs t = 0; t < 120; ++t) {
    GetParam() ? histograms.push_back(t, floats) : histograms.push_back(t, sample);
  }
  EXPECT_LE(Encode(histograms).size(), 40u * 3 + 45);
}

// A histogram of 40 buckets, of which the first `num_active` gain observations at random.
HistogramColumns Observe(size_t num_active, uint64_t per_sample) {
  Random random(1);
  HistogramLayout layout;
  layout.schema = 3;
  layout.positive_spans = {{-20, 40}};
  HistogramSample sample;
  sample.layout = std::make_shared<const HistogramLayout>(layout);
  sample.positive_counts.assign(40, 100);
  sample.count = 4000;
  HistogramColumns histograms;
  for (TimestampMs t = 0; t < 120; ++t) {
    for (uint64_t i = 0; i < per_sample; ++i) ++sample.positive_counts[random() % num_active];
    sample.count += per_sample;
    histograms.push_back(t, sample);
  }
  return histograms;
}

TEST(HistogramChunkTest, SamplesCostWhatWasObserved) {
  struct {
    size_t num_active;
    uint64_t per_sample;
    double least, most;  // bytes a sample
  } const cases[] = {{40, 0, 0, 2}, {40, 1, 2, 3}, {40, 8, 5, 8}, {5, 8, 2, 5}, {40, 400, 15, 30}};
  for (const auto& c : cases) {
    const HistogramColumns histograms = Observe(c.num_active, c.per_sample);
    const std::string chunk = Encode(histograms);
    const double bytes = static_cast<double>(chunk.size()) / 120;
    EXPECT_GE(bytes, c.least) << c.num_active << " " << c.per_sample;
    EXPECT_LE(bytes, c.most) << c.num_active << " " << c.per_sample;
    SampleColumns decoded;
    ASSERT_TRUE(DecodeChunk(chunk, decoded).ok());
    EXPECT_TRUE(SameBits(decoded.histograms, histograms));
  }
}

TEST(HistogramChunkTest, CountsBeyondWhatIsExactAreDamage) {
  HistogramSample greatest;
  greatest.layout = std::make_shared<const HistogramLayout>();
  greatest.count = kMaxExactCount;
  HistogramColumns histograms;
  histograms.push_back(1, greatest);
  std::string chunk = Encode(histograms);
  SampleColumns decoded;
  ASSERT_TRUE(DecodeChunk(chunk, decoded).ok());
  EXPECT_EQ(decoded.histograms[0].count, static_cast<double>(kMaxExactCount));
  greatest.count = kMaxExactCount * 2;
  histograms.clear();
  histograms.push_back(1, greatest);
  EXPECT_EQ(DecodeChunk(Encode(histograms), decoded).code(), absl::StatusCode::kDataLoss);
}

TEST(HistogramChunkTest, ClaimsOfHugeHistogramsAreDamage) {
  // A span of 2^32 - 1 buckets in a column of few bytes.
  const std::string bytes("\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x01\x00\xff\xff\xff\xff\x0f",
                          17);
  std::string_view rest = bytes;
  HistogramColumns histograms;
  const TimestampMs time = 1;
  EXPECT_EQ(ConsumeHistogramColumn(rest, false, {&time, 1}, histograms).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_TRUE(histograms.empty());
}

}  // namespace
}  // namespace tidemark::tsdb
