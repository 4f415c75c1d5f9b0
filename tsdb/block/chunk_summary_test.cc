#include "tsdb/block/chunk_summary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/model/sample.h"
#include "base/model/staleness.h"
#include "tests/testing/sample_shapes.h"

namespace tidemark::tsdb {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

std::vector<TimestampMs> Times(size_t count) {
  std::vector<TimestampMs> times(count);
  for (size_t i = 0; i < count; ++i) times[i] = static_cast<TimestampMs>(i) * 15000;
  return times;
}

// What is read of `summary` after it was stored, with `left` bytes after it.
ChunkSummary Stored(const ChunkSummary& summary, size_t* num_bytes) {
  std::string bytes;
  AppendSummary(summary, &bytes);
  *num_bytes = bytes.size();
  std::string_view rest = bytes;
  ChunkSummary read;
  read.range = summary.range;
  read.num_samples = summary.num_samples;
  EXPECT_TRUE(ConsumeSummary(rest, &read));
  EXPECT_TRUE(rest.empty());
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string_view some = std::string_view(bytes).substr(0, size);
    ChunkSummary ignored;
    EXPECT_FALSE(ConsumeSummary(some, &ignored)) << size << " of " << bytes.size();
  }
  return read;
}

TEST(ChunkSummaryTest, SaysWhatTheValuesAre) {
  struct Case {
    std::string_view name;
    std::vector<double> values;
    double first, last, min, max, sum, increase;
  };
  const Case cases[] = {
      {"one", {3.5}, 3.5, 3.5, 3.5, 3.5, 3.5, 0},
      {"a counter", {1, 4, 6}, 1, 6, 1, 6, 11, 5},
      {"with a reset", {1, 4, 2, 3}, 1, 3, 1, 4, 10, 6},
      {"reset to nothing", {5, 0, 0}, 5, 0, 0, 5, 5, 0},
      {"a gauge", {2, -7, 3}, 2, 3, -7, 3, -2, 3},
  };
  for (const Case& c : cases) {
    const std::optional<ChunkSummary> s = Summarise(Times(c.values.size()), c.values);
    ASSERT_TRUE(s.has_value()) << c.name;
    const ChunkSummary want{.range = {0, static_cast<TimestampMs>(c.values.size() - 1) * 15000},
                            .num_samples = static_cast<uint32_t>(c.values.size()),
                            .first = c.first,
                            .last = c.last,
                            .min = c.min,
                            .max = c.max,
                            .sum = c.sum,
                            .increase = c.increase};
    EXPECT_TRUE(SameSummary(*s, want)) << c.name;
  }
}

TEST(ChunkSummaryTest, ThereIsNoneWhereAResultIsNotFinite) {
  const std::vector<double> cases[] = {{1, StaleMarker(), 2}, {NormalNan()},  {1, kInf},
                                       {-kInf, kInf},         {1e308, 1e308}, {-1e308, 1e308}};
  for (const std::vector<double>& values : cases) {
    EXPECT_FALSE(Summarise(Times(values.size()), values).has_value()) << values.front();
  }
  EXPECT_FALSE(SummariseConstant({}, 2, 1e308).has_value());
  EXPECT_FALSE(SummariseConstant({}, 1, StaleMarker()).has_value());
}

TEST(ChunkSummaryTest, EveryShapeRoundTripsBitForBit) {
  for (const testing::ValueShape& shape : testing::ValueShapes()) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      const SampleColumns samples =
          MakeSamples(testing::TimestampShapes()[1], shape, 1 + seed * 31, seed);
      const std::optional<ChunkSummary> s = Summarise(samples.timestamps, samples.values);
      if (!s) continue;
      size_t num_bytes = 0;
      EXPECT_TRUE(SameSummary(Stored(*s, &num_bytes), *s)) << shape.name << " " << seed;
    }
  }
}

TEST(ChunkSummaryTest, CostsNextToNothing) {
  struct Case {
    std::string_view shape;
    size_t max_bytes;
  };
  for (const Case& c : {Case{"counter", 14}, Case{"bytes_counter", 18}, Case{"gauge", 16},
                        Case{"decimal_counter", 16}, Case{"decimal_gauge", 22}}) {
    for (const testing::ValueShape& shape : testing::ValueShapes()) {
      if (shape.name != c.shape) continue;
      const SampleColumns samples = MakeSamples(testing::TimestampShapes()[0], shape, 480, 1);
      size_t num_bytes = 0;
      Stored(*Summarise(samples.timestamps, samples.values), &num_bytes);
      EXPECT_LE(num_bytes, c.max_bytes) << c.shape;
    }
  }
}

TEST(ChunkSummaryTest, OfAConstantAgreesWithTheLoop) {
  for (const double value : {0.0, -0.0, 42.0, -3.0, 0.1, 1e15, 9007199254740991.0, 1e300, 5e-324}) {
    for (const uint32_t count : {1u, 2u, 480u}) {
      const std::vector<double> values(count, value);
      const std::vector<TimestampMs> times = Times(count);
      const std::optional<ChunkSummary> want = Summarise(times, values);
      const auto got = SummariseConstant({times.front(), times.back()}, count, value);
      ASSERT_TRUE(got && want);
      EXPECT_TRUE(SameSummary(*got, *want)) << value << " x " << count;
    }
  }
}

TEST(ChunkSummaryTest, AnyBytesAreTakenOrRefused) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (bytes.size() > 2 && random() % 2 == 0) bytes[1] = static_cast<char>(random() % 20);
    std::string_view rest = bytes;
    ChunkSummary summary;
    summary.num_samples = 480;
    const bool taken = ConsumeSummary(rest, &summary);
    EXPECT_TRUE(!taken || rest.size() < bytes.size());
  }
}

}  // namespace
}  // namespace tidemark::tsdb
