#include "tsdb/head/chunk_arena.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/testing/sample_shapes.h"
#include "tsdb/codec/chunk.h"

namespace tidemark::tsdb {
namespace {

using testing::Random;

std::string Encode(const std::vector<TimestampMs>& times, double value, double step) {
  std::vector<double> values;
  for (size_t i = 0; i < times.size(); ++i) {
    values.push_back(value + step * static_cast<double>(i * i % 7));
  }
  std::string bytes;
  EncodeChunk(times, values, &bytes);
  return bytes;
}

std::vector<TimestampMs> JitteredTimes(TimestampMs begin, size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<TimestampMs> times;
  for (size_t i = 0; i < count; ++i) {
    times.push_back(begin + static_cast<TimestampMs>(i * 15'000 + random() % 5));
  }
  return times;
}

void Append(const std::string& bytes, ChunkArena& arena, ChunkChain& chain) {
  const ChunkHeader header = *ReadChunkHeader(bytes);
  arena.Append({header.min_time, header.max_time}, header.num_samples, bytes, chain);
}

std::vector<std::string> BytesOf(const ChunkChain& chain) {
  std::vector<std::string> chunks;
  for (const ArenaChunk chunk : chain) chunks.insert(chunks.begin(), chunk.bytes());
  return chunks;
}

TEST(ChunkArenaTest, ChunksOfOneScrapeShareTheirTimes) {
  ChunkArena arena;
  constexpr size_t kSeries = 20'000;
  std::vector<ChunkChain> chains(kSeries);
  for (int round = 0; round < 2; ++round) {
    const std::vector<TimestampMs> times = JitteredTimes(round * 10'000'000, 120, 1);
    for (size_t i = 0; i < kSeries; ++i) {
      const std::string bytes = Encode(times, static_cast<double>(i), 0);
      EXPECT_GT(bytes.size(), 50u);
      Append(bytes, arena, chains[i]);
      ASSERT_EQ(chains[i].newest().bytes(), bytes);
    }
  }
  // Two chunks of 12 bytes and their constant, in whole regions.
  EXPECT_LT(arena.bytes() / kSeries, 2 * 30u + (1 << 20) / kSeries);
  for (size_t i = 0; i < kSeries; ++i) {
    ASSERT_EQ(chains[i].size(), 2u);
    const ArenaChunk newest = chains[i].newest(), oldest = chains[i].oldest();
    EXPECT_EQ(newest.count(), 120u);
    EXPECT_LT(oldest.range().max, newest.range().min);
    SampleColumns samples;
    ASSERT_TRUE(DecodeChunk(newest.front(), newest.rest(), samples).ok());
    EXPECT_EQ(samples.values.back(), static_cast<double>(i));
  }
}

TEST(ChunkArenaTest, DamagedAndLargeChunksComeBack) {
  const std::vector<TimestampMs> times = JitteredTimes(0, 120, 1);
  const std::string whole = Encode(times, 1, 0.1);
  ChunkArena arena;
  ChunkChain chain;
  // All of these say the same of themselves as the whole one.
  const std::vector<std::string> chunks = {whole.substr(0, 30),
                                           whole.substr(0, 40),
                                           whole,
                                           whole + std::string(100, 'x'),
                                           whole.substr(0, 20) + std::string(3'000'000, '\xff'),
                                           whole};
  for (const std::string& bytes : chunks) Append(bytes, arena, chain);
  EXPECT_EQ(BytesOf(chain), chunks);
  SampleColumns samples;
  EXPECT_TRUE(DecodeChunk(chain.newest().front(), chain.newest().rest(), samples).ok());
  EXPECT_EQ(samples.timestamps, times);
  arena.Truncate(1, chain);
  EXPECT_EQ(arena.TakeFree().size(), 1u);
  EXPECT_EQ(BytesOf(chain), std::vector<std::string>{whole});
}

// Random chains that grow and shrink hold what plain lists do, and memory goes back.
TEST(ChunkArenaTest, HoldsWhatListsHold) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  Random random(seed);
  ChunkArena arena;
  std::vector<ChunkChain> chains(300);
  std::vector<std::vector<std::string>> expected(chains.size());
  TimestampMs now = 0;
  for (int round = 0; round < 60; ++round, now += 10'000'000) {
    for (size_t i = 0; i < chains.size(); ++i) {
      const size_t kept = random() % 8;
      if (kept < expected[i].size()) {
        arena.Truncate(kept, chains[i]);
        expected[i].erase(expected[i].begin(), expected[i].end() - static_cast<ptrdiff_t>(kept));
      }
      // Of some targets, and now and then alone.
      const uint64_t target = random() % 10 == 0 ? random() : i % 7;
      const auto times = JitteredTimes(now, 2 + target % 200, target);
      std::string bytes = Encode(times, static_cast<double>(random() % 100), 0.25);
      if (random() % 100 == 0) bytes.resize(bytes.size() * 2 / 3);
      if (random() % 100 == 0) bytes.append(40'000, 'x');
      if (!ReadChunkHeader(bytes).ok()) continue;
      Append(bytes, arena, chains[i]);
      expected[i].push_back(bytes);
    }
    if (random() % 4 == 0) arena.TakeFree();
    for (size_t i = 0; i < chains.size(); ++i) {
      ASSERT_EQ(chains[i].size(), expected[i].size());
      ASSERT_EQ(BytesOf(chains[i]), expected[i]);
    }
  }
  for (ChunkChain& chain : chains) arena.Truncate(0, chain);
  arena.TakeFree();
  EXPECT_LE(arena.bytes(), size_t{1} << 20);
}

}  // namespace
}  // namespace tidemark::tsdb
