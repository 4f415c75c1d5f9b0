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
