#include "tsdb/codec/chunk.h"

#include <gtest/gtest.h>

#include <string>

#include "base/model/staleness.h"
#include "tests/testing/sample_shapes.h"

namespace tidemark::tsdb {
namespace {

using testing::MakeSamples;
using testing::Random;
using testing::SameSamples;

std::string Encode(const SampleColumns& samples) {
  std::string chunk;
  EncodeChunk(samples.timestamps, samples.values, &chunk);
  return chunk;
}

TEST(ChunkTest, EveryShapeComesBackBitForBit) {
  for (const testing::TimestampShape& timestamps : testing::TimestampShapes()) {
    for (const testing::ValueShape& values : testing::ValueShapes()) {
      for (const size_t num_samples : {0, 1, 2, 3, 31, 32, 33, 120, 1000}) {
        for (uint64_t seed = 1; seed <= 5; ++seed) {
          const SampleColumns samples = MakeSamples(timestamps, values, num_samples, seed);
          SampleColumns decoded;
          const absl::Status status = DecodeChunk(Encode(samples), decoded);
          ASSERT_TRUE(status.ok() && SameSamples(decoded, samples))
              << timestamps.name << " " << values.name << " x " << num_samples << ", seed " << seed
              << ": " << status;
        }
      }
    }
  }
}

TEST(ChunkTest, MixedShapesComeBackBitForBit) {
  const auto shapes = testing::ValueShapes();
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    SampleColumns samples = MakeSamples(testing::TimestampShapes()[seed % 4], shapes[0], 200, seed);
    size_t shape = 0;
    double last = 0;
    for (double& value : samples.values) {
      if (random() % 30 == 0) shape = random() % shapes.size();
      last = value = shapes[shape].next(random, last);
    }
    SampleColumns decoded;
    const absl::Status status = DecodeChunk(Encode(samples), decoded);
    ASSERT_TRUE(status.ok() && SameSamples(decoded, samples)) << "seed " << seed << ": " << status;
  }
}

TEST(ChunkTest, SizesOfCommonShapes) {
  struct Case {
    std::string_view values;
    size_t max_bytes;  // for 120 samples at a regular interval
  };
  constexpr Case kCases[] = {
      {"constant", 14},
      {"constant_fraction", 21},
      {"constant_with_blips", 32},
      {"flapping", 40},
      {"slope", 16},
      {"counter", 175},
      {"counter_with_resets", 195},
      {"slow_counter", 40},
      {"gauge", 145},
      {"decimal_counter", 190},
      {"decimal_gauge", 290},
      {"few_fractions", 110},
      {"stale_at_times", 200},
  };
  for (const Case& c : kCases) {
    for (const testing::ValueShape& values : testing::ValueShapes()) {
      if (values.name != c.values) continue;
      const std::string chunk = Encode(MakeSamples(testing::TimestampShapes()[0], values, 120, 1));
      EXPECT_LE(chunk.size(), c.max_bytes) << c.values;
    }
  }
}

TEST(ChunkTest, OneOddValueLeavesTheOthersShort) {
  SampleColumns samples;
  for (int i = 0; i < 120; ++i) samples.push_back(15'000 * i, i * 0.25);
  const size_t without = Encode(samples).size();
  for (const double odd : {StaleMarker(), -0.0, 0.1 + 0.2, 1e300}) {
    samples.values[60] = odd;
    EXPECT_LE(Encode(samples).size(), without + 12) << odd;
  }
}

TEST(ChunkTest, HeaderTellsCountAndTimes) {
  SampleColumns samples;
  samples.push_back(-5, 1);
  samples.push_back(10, 2);
  samples.push_back(11, 3);
  const absl::StatusOr<ChunkHeader> header = ReadChunkHeader(Encode(samples));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->num_samples, 3u);
  EXPECT_EQ(header->min_time, -5);
  EXPECT_EQ(header->max_time, 11);
}

TEST(ChunkTest, TimesFromEndToEndOfTheRange) {
  SampleColumns samples;
  samples.push_back(kMinTimestamp, 1);
  samples.push_back(0, 2);
  samples.push_back(kMaxTimestamp, 3);
  SampleColumns decoded;
  ASSERT_TRUE(DecodeChunk(Encode(samples), decoded).ok());
  EXPECT_TRUE(SameSamples(decoded, samples));
}

TEST(ChunkTest, TwoPiecesAreOneChunk) {
  for (const testing::TimestampShape& timestamps : testing::TimestampShapes()) {
    for (const size_t num_samples : {0, 1, 2, 120}) {
      const SampleColumns samples =
          MakeSamples(timestamps, testing::ValueShapes()[3], num_samples, 1);
      const std::string chunk = Encode(samples);
      const size_t size = ChunkFrontSize(chunk);
      const std::string_view front = std::string_view(chunk).substr(0, size);
      SampleColumns decoded;
      ASSERT_TRUE(DecodeChunk(front, std::string_view(chunk).substr(size), decoded).ok());
      EXPECT_TRUE(SameSamples(decoded, samples)) << timestamps.name << " x " << num_samples;
      // Other values at the same times, and other times.
      SampleColumns others = samples;
      for (double& value : others.values) value = value * 3 + 1;
      EXPECT_TRUE(Encode(others).starts_with(front));
      if (num_samples > 0) ++others.timestamps.back();
      EXPECT_EQ(Encode(others).starts_with(front), num_samples == 0);
      if (num_samples == 0) continue;
      // Pieces that are not one.
      EXPECT_FALSE(DecodeChunk(chunk, std::string_view(chunk).substr(size), decoded).ok());
      EXPECT_FALSE(DecodeChunk(front, "", decoded).ok());
      EXPECT_FALSE(DecodeChunk(front.substr(0, size - 1), chunk.substr(size), decoded).ok());
      EXPECT_TRUE(SameSamples(decoded, samples));
      EXPECT_EQ(ChunkFrontSize(front.substr(0, size - 1)), size - 1);
    }
  }
}

TEST(ChunkTest, DecodeAppends) {
  SampleColumns samples;
  samples.push_back(1, 1);
  samples.push_back(2, 2);
  SampleColumns decoded;
  decoded.push_back(0, 7);
  ASSERT_TRUE(DecodeChunk(Encode(samples), decoded).ok());
  EXPECT_EQ(decoded.timestamps, (std::vector<TimestampMs>{0, 1, 2}));
  EXPECT_EQ(decoded.values, (std::vector<double>{7, 1, 2}));
}

// Whatever is cut off or added, the outcome is an error and leaves the output as it was.
TEST(ChunkTest, TruncatedAndPaddedChunksAreDataLoss) {
  for (const testing::ValueShape& values : testing::ValueShapes()) {
    const std::string chunk = Encode(MakeSamples(testing::TimestampShapes()[3], values, 100, 1));
    SampleColumns out;
    out.push_back(1, 1);
    for (size_t size = 0; size < chunk.size(); ++size) {
      const absl::Status status = DecodeChunk(std::string_view(chunk).substr(0, size), out);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << values.name << " cut at " << size;
      ASSERT_EQ(out.size(), 1u);
    }
    EXPECT_EQ(DecodeChunk(chunk + 'x', out).code(), absl::StatusCode::kDataLoss) << values.name;
  }
}

// Damage may go unnoticed, as there is no checksum, but what decodes is a chunk like any other.
TEST(ChunkTest, DamagedBytesDecodeToSamplesOrDataLoss) {
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    Random random(seed);
    const auto values = testing::ValueShapes();
    const auto timestamps = testing::TimestampShapes();
    std::string chunk = Encode(MakeSamples(timestamps[random() % timestamps.size()],
                                           values[random() % values.size()], random() % 100, seed));
    for (uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
      chunk[random() % chunk.size()] = static_cast<char>(random());
    }
    SampleColumns decoded;
    const absl::Status status = DecodeChunk(chunk, decoded);
    if (!status.ok()) {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << "seed " << seed;
      continue;
    }
    SampleColumns again;
    ASSERT_TRUE(DecodeChunk(Encode(decoded), again).ok()) << "seed " << seed;
    ASSERT_TRUE(SameSamples(decoded, again)) << "seed " << seed;
  }
}

TEST(ChunkTest, RefusesHugeCountsAndOtherVersions) {
  SampleColumns out;
  EXPECT_FALSE(DecodeChunk("", out).ok());
  EXPECT_FALSE(DecodeChunk(std::string("\x01\xff\xff\xff\xff\x0f\x00\x01\x00\x00", 10), out).ok());
  EXPECT_EQ(DecodeChunk(std::string("\x02\x00", 2), out).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace tidemark::tsdb
