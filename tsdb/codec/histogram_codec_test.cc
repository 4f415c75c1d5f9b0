#include "tsdb/codec/histogram_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "base/model/staleness.h"
#include "tsdb/codec/chunk.h"

namespace tidemark::tsdb {
namespace {

using Random = std::mt19937_64;

std::vector<BucketSpan> RandomSpans(Random& random, size_t max_spans) {
  std::vector<BucketSpan> spans(random() % (max_spans + 1));
  for (BucketSpan& span : spans) {
    span = {static_cast<int32_t>(random() % 20) - 10, static_cast<uint32_t>(random() % 9)};
  }
  return spans;
}

size_t NumBuckets(const std::vector<BucketSpan>& spans) {
  size_t num_buckets = 0;
  for (const BucketSpan& span : spans) num_buckets += span.length;
  return num_buckets;
}

std::shared_ptr<const HistogramLayout> RandomLayout(Random& random) {
  HistogramLayout layout;
  layout.positive_spans = RandomSpans(random, 4);
  if (random() % 4 == 0) {
    layout.schema = kCustomBucketsSchema;
    for (size_t i = 0; i < random() % 12; ++i) {
      layout.custom_values.push_back(static_cast<double>(i) * 0.25);
    }
  } else {
    layout.schema = static_cast<int32_t>(random() % 13) + kMinExponentialSchema;
    layout.zero_threshold = random() % 2 == 0 ? 0 : 0x1p-128;
    layout.negative_spans = RandomSpans(random, 2);
  }
  return std::make_shared<const HistogramLayout>(std::move(layout));
}

template <typename Count>
Count RandomCount(Random& random) {
  if (random() % 100 == 0) return std::is_same_v<Count, double> ? static_cast<Count>(0.1) : 1;
  return static_cast<Count>(random() % 50);
}

// Counters that rise, change their layout now and then, are reset, and end with stale markers.
template <typename Count>
std::vector<BasicHistogramSample<Count>> RandomHistograms(uint64_t seed, size_t count) {
  Random random(seed);
  std::vector<BasicHistogramSample<Count>> samples;
  BasicHistogramSample<Count> next;
  for (size_t i = 0; i < count; ++i) {
    if (i == 0 || random() % 50 == 0) {
      next = {};
      next.layout = RandomLayout(random);
      next.counter_reset_hint = static_cast<CounterResetHint>(random() % 4);
      next.positive_counts.resize(NumBuckets(next.layout->positive_spans));
      next.negative_counts.resize(NumBuckets(next.layout->negative_spans));
    }
    Count added = RandomCount<Count>(random);
    next.zero_count += added;
    for (auto* counts : {&next.positive_counts, &next.negative_counts}) {
      for (Count& bucket : *counts) {
        const Count rise = RandomCount<Count>(random);
        bucket += rise;
        added += rise;
      }
    }
    next.count += added;
    next.sum += static_cast<double>(random() % 1000) / 8;
    samples.push_back(next);
    if (random() % 30 == 0) {
      BasicHistogramSample<Count> stale;
      stale.layout = std::make_shared<const HistogramLayout>();
      stale.sum = StaleMarker();
      samples.back() = stale;
    }
  }
  return samples;
}

std::vector<TimestampMs> Timestamps(size_t count) {
  std::vector<TimestampMs> timestamps;
  for (size_t i = 0; i < count; ++i) {
    timestamps.push_back(1'700'000'000'000 + 15'000 * static_cast<TimestampMs>(i));
  }
  return timestamps;
}

template <typename Count>
std::string Encode(const std::vector<BasicHistogramSample<Count>>& samples) {
  std::string chunk;
  const std::vector<TimestampMs> timestamps = Timestamps(samples.size());
  EXPECT_TRUE(
      EncodeChunk(timestamps, std::span<const BasicHistogramSample<Count>>(samples), &chunk).ok());
  return chunk;
}

template <typename Count>
bool SameHistograms(const std::vector<BasicHistogramSample<Count>>& a,
                    const std::vector<BasicHistogramSample<Count>>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& left, const auto& right) { return SameBits(left, right); });
}

template <typename Count>
class HistogramCodecTest : public ::testing::Test {};
using Counts = ::testing::Types<uint64_t, double>;
TYPED_TEST_SUITE(HistogramCodecTest, Counts);

TYPED_TEST(HistogramCodecTest, RandomHistogramsComeBackBitForBit) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const auto samples = RandomHistograms<TypeParam>(seed, seed % 7 * 40 + seed % 3);
    std::vector<TimestampMs> timestamps;
    std::vector<BasicHistogramSample<TypeParam>> decoded;
    const absl::Status status = DecodeChunk(Encode(samples), timestamps, decoded);
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status;
    ASSERT_EQ(timestamps, Timestamps(samples.size())) << "seed " << seed;
    ASSERT_TRUE(SameHistograms(decoded, samples)) << "seed " << seed;
  }
}

TYPED_TEST(HistogramCodecTest, TruncatedAndPaddedChunksAreDataLoss) {
  const std::string chunk = Encode(RandomHistograms<TypeParam>(7, 30));
  std::vector<TimestampMs> timestamps = {1};
  std::vector<BasicHistogramSample<TypeParam>> decoded(1);
  for (size_t size = 0; size < chunk.size(); ++size) {
    const absl::Status status =
        DecodeChunk(std::string_view(chunk).substr(0, size), timestamps, decoded);
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << "cut at " << size;
    ASSERT_EQ(timestamps.size() + decoded.size(), 2u);
  }
  EXPECT_EQ(DecodeChunk(chunk + 'x', timestamps, decoded).code(), absl::StatusCode::kDataLoss);
}

TYPED_TEST(HistogramCodecTest, DamagedBytesDecodeToHistogramsOrDataLoss) {
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    Random random(seed);
    std::string chunk = Encode(RandomHistograms<TypeParam>(seed, 1 + random() % 20));
    for (uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
      chunk[random() % chunk.size()] = static_cast<char>(random());
    }
    std::vector<TimestampMs> timestamps;
    std::vector<BasicHistogramSample<TypeParam>> decoded;
    const absl::Status status = DecodeChunk(chunk, timestamps, decoded);
    if (!status.ok()) {
      ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << "seed " << seed;
      continue;
    }
    std::vector<TimestampMs> times_again;
    std::vector<BasicHistogramSample<TypeParam>> again;
    ASSERT_TRUE(DecodeChunk(Encode(decoded), times_again, again).ok()) << "seed " << seed;
    ASSERT_TRUE(SameHistograms(again, decoded)) << "seed " << seed;
  }
}

TYPED_TEST(HistogramCodecTest, OneLayoutIsStatedOnceAndStillBucketsCostThreeBytes) {
  BasicHistogramSample<TypeParam> sample;
  HistogramLayout layout;
  layout.schema = 3;
  layout.positive_spans = {{-20, 40}};
  sample.layout = std::make_shared<const HistogramLayout>(layout);
  sample.positive_counts.assign(40, 7);
  sample.count = 280;
  const std::vector<BasicHistogramSample<TypeParam>> samples(120, sample);
  const std::string chunk = Encode(samples);
  EXPECT_LE(chunk.size(), 40u * 3 + 45);
}

TEST(HistogramChunkTest, ChunksOfOneKindAreNotReadAsAnother) {
  const std::string chunk = Encode(RandomHistograms<uint64_t>(1, 5));
  EXPECT_EQ(ReadChunkHeader(chunk)->kind, ChunkKind::kHistogram);
  SampleColumns floats;
  EXPECT_EQ(DecodeChunk(chunk, floats).code(), absl::StatusCode::kDataLoss);
  std::vector<TimestampMs> timestamps;
  std::vector<FloatHistogramSample> histograms;
  EXPECT_EQ(DecodeChunk(chunk, timestamps, histograms).code(), absl::StatusCode::kDataLoss);
}

TEST(HistogramChunkTest, RefusesWhatCannotBeWritten) {
  HistogramSample without_layout;
  HistogramSample too_few_counts;
  HistogramLayout layout;
  layout.positive_spans = {{0, 2}};
  too_few_counts.layout = std::make_shared<const HistogramLayout>(layout);
  for (const HistogramSample& sample : {without_layout, too_few_counts}) {
    std::string out = "before";
    EXPECT_EQ(AppendHistogramColumn(std::span(&sample, 1), &out).code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(out, "before");
  }
}

TEST(HistogramChunkTest, ClaimsOfHugeHistogramsAreDamage) {
  // A span of 2^32 - 1 buckets in a column of few bytes.
  const std::string bytes("\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x01\x00\xff\xff\xff\xff\x0f",
                          17);
  std::string_view rest = bytes;
  std::vector<HistogramSample> samples(1);
  EXPECT_EQ(ConsumeHistogramColumn(rest, samples).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace tidemark::tsdb
