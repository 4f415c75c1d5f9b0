#include "tsdb/codec/open_chunk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/testing/sample_shapes.h"
#include "tsdb/codec/chunk.h"

namespace tidemark::tsdb {
namespace {

using namespace std::string_view_literals;
using testing::MakeSamples;
using testing::SameSamples;

static_assert(sizeof(OpenChunk) <= 48, "there is one for each series of the head");

OpenChunk Filled(const SampleColumns& samples) {
  OpenChunk chunk;
  for (size_t i = 0; i < samples.size(); ++i) {
    chunk.Append(samples.timestamps[i], samples.values[i]);
  }
  return chunk;
}

OpenChunk Reloaded(const OpenChunk& chunk) {
  std::string image = "before";
  chunk.Save(&image);
  image += "after";
  std::string_view rest = std::string_view(image).substr(6);
  absl::StatusOr<OpenChunk> loaded = OpenChunk::Load(rest);
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(rest, "after");
  return loaded.ok() ? *std::move(loaded) : OpenChunk();
}

TEST(OpenChunkTest, EveryShapeComesBackBitForBit) {
  for (const testing::TimestampShape& timestamps : testing::TimestampShapes()) {
    for (const testing::ValueShape& values : testing::ValueShapes()) {
      for (const size_t num_samples : {0, 1, 2, 3, 4, 120, 2048}) {
        for (uint64_t seed = 1; seed <= 5; ++seed) {
          const SampleColumns samples = MakeSamples(timestamps, values, num_samples, seed);
          const OpenChunk chunk = Filled(samples);
          SampleColumns decoded, unsealed;
          chunk.Decode(decoded);
          const absl::Status status = DecodeChunk(chunk.Seal(), unsealed);
          ASSERT_TRUE(SameSamples(decoded, samples) && SameSamples(unsealed, samples))
              << timestamps.name << " " << values.name << " x " << num_samples << ", seed " << seed
              << ": " << status;
        }
      }
    }
  }
}

// What a reader sees after each append, and that reading adds to what is there.
TEST(OpenChunkTest, EveryPrefixComesBack) {
  for (const testing::ValueShape& values : testing::ValueShapes()) {
    const SampleColumns samples = MakeSamples(testing::TimestampShapes()[2], values, 100, 1);
    OpenChunk chunk;
    SampleColumns so_far;
    so_far.push_back(0, 0);
    for (size_t i = 0; i < samples.size(); ++i) {
      chunk.Append(samples.timestamps[i], samples.values[i]);
      so_far.push_back(samples.timestamps[i], samples.values[i]);
      ASSERT_EQ(chunk.size(), i + 1);
      ASSERT_EQ(chunk.first_timestamp(), samples.timestamps[0]);
      ASSERT_EQ(chunk.last_timestamp(), samples.timestamps[i]);
      ASSERT_TRUE(SameBits(chunk.last_value(), samples.values[i]));
      SampleColumns decoded;
      decoded.push_back(0, 0);
      chunk.Decode(decoded);
      ASSERT_TRUE(SameSamples(decoded, so_far)) << values.name << " at " << i;
    }
  }
}

TEST(OpenChunkTest, MemoryOfCommonShapes) {
  struct Case {
    std::string_view values;
    size_t max_bytes;  // for 120 samples at a regular interval, beyond the object
  };
  constexpr Case kCases[] = {
      {"constant", 0},          {"constant_fraction", 0}, {"constant_with_blips", 64},
      {"slope", 160},           {"counter", 320},         {"bytes_counter", 540},
      {"decimal_counter", 320}, {"float_gauge", 1100},
  };
  for (const Case& c : kCases) {
    for (const testing::ValueShape& values : testing::ValueShapes()) {
      if (values.name != c.values) continue;
      const OpenChunk chunk = Filled(MakeSamples(testing::TimestampShapes()[0], values, 120, 1));
      EXPECT_LE(chunk.bytes() - sizeof(chunk), c.max_bytes) << c.values;
    }
  }
}

// Milliseconds of jitter take a byte a sample and little more.
TEST(OpenChunkTest, MemoryUnderJitter) {
  for (const DurationMs jitter : {1, 5, 12}) {
    const testing::TimestampShape times{"jitter", 15 * kSecond, jitter, 0};
    for (const testing::ValueShape& values : testing::ValueShapes()) {
      const size_t regular =
          Filled(MakeSamples(testing::TimestampShapes()[0], values, 120, 1)).bytes();
      const size_t bytes = Filled(MakeSamples(times, values, 120, 1)).bytes();
      const size_t rounding = std::max<size_t>(40, regular / 8);
      EXPECT_LE(bytes, regular + 120 + rounding) << values.name << ", " << jitter << " ms";
    }
  }
}

// Jitter comes and goes, and so do gaps and values of every length.
TEST(OpenChunkTest, ModesChangeAnywhere) {
  const uint64_t seed = std::random_device()();
  testing::Random random(seed);
  constexpr DurationMs kJitters[] = {0, 0, 3, 60, 5000};
  for (int round = 0; round < 500; ++round) {
    SampleColumns samples;
    TimestampMs time = 0;
    double value = 0;
    for (size_t mode = 0, i = 0; i < 200; ++i) {
      if (random() % 8 == 0) mode = random() % std::size(kJitters);
      time += 10 * kSecond + static_cast<DurationMs>(random()) % (kJitters[mode] + 1);
      constexpr double kSteps[] = {0, 0, 0, 1, 0.25, 1e6, 1e-300};
      value += kSteps[random() % std::size(kSteps)];
      samples.push_back(time, value);
    }
    OpenChunk chunk;
    for (size_t i = 0; i < samples.size(); ++i) {
      if (random() % 20 == 0) chunk = Reloaded(chunk);
      chunk.Append(samples.timestamps[i], samples.values[i]);
    }
    SampleColumns decoded;
    chunk.Decode(decoded);
    ASSERT_TRUE(SameSamples(decoded, samples)) << "seed " << seed << ", round " << round;
  }
}

TEST(OpenChunkTest, AnImageOfTheFirstVersion) {
  std::string image = {1, 0, 0, 7, 0, 4, 0, 1, 0};  // 7 bytes of tokens, 4 samples, 1 at the end
  const int64_t fields[] = {100, 142, 13, std::bit_cast<int64_t>(1.0)};
  image.append(reinterpret_cast<const char*>(fields), sizeof(fields));
  image += "\x02\xf5\x20\x00\xf5\x05\x00"sv;  // 1; 16 later 1; 3 less than that later 1
  std::string_view rest = image;
  const absl::StatusOr<OpenChunk> chunk = OpenChunk::Load(rest);
  ASSERT_TRUE(chunk.ok()) << chunk.status();
  SampleColumns decoded;
  chunk->Decode(decoded);
  EXPECT_EQ(decoded.timestamps, (std::vector<TimestampMs>{100, 116, 129, 142}));
  EXPECT_EQ(decoded.values, (std::vector<double>{1, 1, 1, 1}));
}

TEST(OpenChunkTest, TimesFromEndToEndOfTheRange) {
  SampleColumns samples;
  samples.push_back(kMinTimestamp, 1);
  samples.push_back(0, 1);
  samples.push_back(kMaxTimestamp, 1);
  SampleColumns decoded;
  Filled(samples).Decode(decoded);
  EXPECT_TRUE(SameSamples(decoded, samples));
}

TEST(OpenChunkTest, MovesLeaveAnEmptyChunk) {
  const SampleColumns samples =
      MakeSamples(testing::TimestampShapes()[1], testing::ValueShapes()[5], 50, 1);
  OpenChunk from = Filled(samples);
  OpenChunk to = std::move(from);
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): what a move leaves is promised
  from.Append(1, 2);
  from = std::move(to);
  SampleColumns decoded;
  from.Decode(decoded);
  EXPECT_TRUE(SameSamples(decoded, samples));
}

TEST(OpenChunkTest, AppendingGoesOnAfterAnImage) {
  for (const testing::TimestampShape& timestamps : testing::TimestampShapes()) {
    for (const testing::ValueShape& values : testing::ValueShapes()) {
      const SampleColumns samples = MakeSamples(timestamps, values, 150, 1);
      OpenChunk chunk;
      for (size_t i = 0; i < samples.size(); ++i) {
        if (i % 7 == 0 || i < 4) chunk = Reloaded(chunk);
        chunk.Append(samples.timestamps[i], samples.values[i]);
      }
      chunk = Reloaded(chunk);
      SampleColumns decoded;
      chunk.Decode(decoded);
      ASSERT_TRUE(SameSamples(decoded, samples)) << timestamps.name << " " << values.name;
      EXPECT_EQ(chunk.bytes(), Filled(samples).bytes());
    }
  }
}

// Whatever is taken for an image decodes to as many samples as it says, and takes more of them.
TEST(OpenChunkTest, DamagedImages) {
  const uint64_t seed = std::random_device()();
  testing::Random random(seed);
  for (int round = 0; round < 20'000; ++round) {
    const auto& values = testing::ValueShapes()[random() % testing::ValueShapes().size()];
    std::string image;
    Filled(MakeSamples(testing::TimestampShapes()[random() % 2], values, 1 + random() % 40, round))
        .Save(&image);
    for (uint64_t i = 0; i <= random() % 3; ++i) {
      image[random() % image.size()] = static_cast<char>(random());
    }
    if (random() % 8 == 0) image.resize(random() % image.size());
    std::string_view rest = image;
    absl::StatusOr<OpenChunk> loaded = OpenChunk::Load(rest);
    if (!loaded.ok()) {
      ASSERT_TRUE(absl::IsDataLoss(loaded.status())) << loaded.status();
      continue;
    }
    SampleColumns decoded;
    loaded->Decode(decoded);
    ASSERT_EQ(decoded.size(), loaded->size()) << "seed " << seed;
    if (loaded->full() || loaded->empty() || loaded->last_timestamp() > kMaxTimestamp / 2) continue;
    loaded->Append(loaded->last_timestamp() + 1, 0.1);
    loaded->Seal();
  }
}

}  // namespace
}  // namespace tidemark::tsdb
