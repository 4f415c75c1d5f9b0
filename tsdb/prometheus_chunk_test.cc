#include "tsdb/prometheus_chunk.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/model/staleness.h"
#include "base/strings.h"
#include "tests/testing/histogram_shapes.h"
#include "tests/testing/sample_shapes.h"
#include "tsdb/import/histogram_chunk.h"

namespace tidemark::tsdb {
namespace {

using ::tidemark::testing::MakeHistograms;
using ::tidemark::testing::MakeSamples;
using ::tidemark::testing::Random;
using ::tidemark::testing::SameSamples;

std::vector<PrometheusChunk> Encode(const SampleColumns& samples) {
  std::vector<PrometheusChunk> chunks;
  PrometheusChunkEncoder encoder;
  encoder.Add(samples, &chunks);
  encoder.Finish(&chunks);
  return chunks;
}

// What the chunks hold, which also must say of themselves what they are.
SampleColumns Decode(const std::vector<PrometheusChunk>& chunks) {
  SampleColumns all;
  TimestampMs last = kMinTimestamp;
  for (const PrometheusChunk& chunk : chunks) {
    SampleColumns samples;
    const absl::Status status = DecodePrometheusChunk(chunk.encoding, chunk.data, samples);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_TRUE(samples.has_samples());
    if (!samples.has_samples()) continue;
    EXPECT_LE(samples.num_samples(), kPrometheusChunkSamples);
    EXPECT_EQ(samples.Extent(), chunk.range);
    EXPECT_TRUE(chunk.range.min > last || last == kMinTimestamp);
    last = chunk.range.max;
    MergeSamples(samples, all);
  }
  return all;
}

// A chunk says of a counter's histograms only that they go on from the one before.
void DropHints(HistogramColumns& histograms) {
  for (size_t i = 0; i < histograms.size(); ++i) {
    histograms.SetHint(i, HintAfterGap(histograms[i].counter_reset_hint));
  }
}

void ExpectComesBack(SampleColumns samples) {
  SampleColumns decoded = Decode(Encode(samples));
  EXPECT_TRUE(SameSamples(decoded, samples));
  DropHints(decoded.histograms);
  DropHints(samples.histograms);
  EXPECT_TRUE(SameBits(decoded.histograms, samples.histograms));
}

TEST(PrometheusChunkTest, FloatsComeBack) {
  for (const auto& timestamps : testing::TimestampShapes()) {
    for (const auto& values : testing::ValueShapes()) {
      SCOPED_TRACE(StrCat(timestamps.name, " ", values.name));
      const SampleColumns samples = MakeSamples(timestamps, values, 500, /*seed=*/1);
      EXPECT_EQ(Encode(samples).size(), 5);
      ExpectComesBack(samples);
    }
  }
}

TEST(PrometheusChunkTest, TimesAtTheEnds) {
  ExpectComesBack({{-9'000'000'000'000'000'000, -5, 0, 1}, {1, StaleMarker(), -0.0, NormalNan()}});
  ExpectComesBack({{kMaxTimestamp - 1, kMaxTimestamp}, {1, 2}});
  ExpectComesBack({{kMinTimestamp, kMinTimestamp + 1}, {1, 2}});
  EXPECT_TRUE(Encode({}).empty());
}

TEST(PrometheusChunkTest, HistogramsComeBack) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  for (uint64_t i = 0; i < 200; ++i) {
    SampleColumns samples;
    samples.histograms = MakeHistograms(seed + i, 300, /*is_float=*/i % 2 == 0);
    ExpectComesBack(std::move(samples));
  }
}

TEST(PrometheusChunkTest, PieceByPieceIsTheSame) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 50; ++round) {
    // Floats and integer and float histograms that take turns.
    SampleColumns samples;
    const HistogramColumns integers = MakeHistograms(random(), 400, false);
    const HistogramColumns floats = MakeHistograms(random(), 400, true);
    const uint64_t turn = 1 + random() % 50;
    for (size_t i = 0; i < 400; ++i) {
      const TimestampMs t = integers.timestamps()[i];
      switch (i / turn % 3) {
        case 0:
          samples.push_back(t, static_cast<double>(i));
          break;
        case 1:
          samples.histograms.push_back(t, integers[i]);
          break;
        default:
          samples.histograms.push_back(t, floats[i]);
      }
    }
    ExpectComesBack(samples);

    std::vector<PrometheusChunk> chunks;
    PrometheusChunkEncoder encoder;
    const TimestampMs first = samples.Extent().min, last = samples.Extent().max;
    const auto piece = static_cast<TimestampMs>(1 + random() % static_cast<uint64_t>(last - first));
    for (TimestampMs t = first; t <= last; t += piece) {
      SampleColumns part = samples;
      KeepRange({t, t + piece - 1}, part);
      encoder.Add(part, &chunks);
    }
    encoder.Finish(&chunks);
    SampleColumns decoded = Decode(chunks);
    EXPECT_TRUE(SameSamples(decoded, samples));
    DropHints(decoded.histograms);
    DropHints(samples.histograms);
    EXPECT_TRUE(SameBits(decoded.histograms, samples.histograms));
  }
}

HistogramSample OfCount(uint64_t count, CounterResetHint hint = CounterResetHint::kUnknown) {
  static const auto layout =
      std::make_shared<const HistogramLayout>(HistogramLayout{0, 0, {{0, 1}}, {}, {}});
  return {hint, layout, count, 0, static_cast<double>(count), {count}, {}};
}

std::vector<CounterResetHint> HintsAfterwards(const std::vector<HistogramSample>& histograms,
                                              size_t* num_chunks) {
  SampleColumns samples;
  TimestampMs t = 0;
  for (const HistogramSample& histogram : histograms) samples.histograms.push_back(++t, histogram);
  const std::vector<PrometheusChunk> chunks = Encode(samples);
  *num_chunks = chunks.size();
  const SampleColumns decoded = Decode(chunks);
  std::vector<CounterResetHint> hints;
  for (size_t i = 0; i < decoded.histograms.size(); ++i) {
    hints.push_back(decoded.histograms[i].counter_reset_hint);
  }
  return hints;
}

TEST(PrometheusChunkTest, AChunkEndsAtAReset) {
  using enum CounterResetHint;
  struct Case {
    std::string_view name;
    std::vector<HistogramSample> histograms;
    size_t want_chunks;
    std::vector<CounterResetHint> want;
  };
  const Case kCases[] = {
      {"rises", {OfCount(1), OfCount(2)}, 1, {kUnknown, kNotCounterReset}},
      {"falls", {OfCount(2), OfCount(1)}, 2, {kUnknown, kUnknown}},
      {"a reset that nobody sees",
       {OfCount(2), OfCount(3, kCounterReset)},
       2,
       {kUnknown, kUnknown}},
      {"a gauge falls", {OfCount(2, kGauge), OfCount(1, kGauge)}, 1, {kGauge, kGauge}},
      {"a gauge becomes a counter", {OfCount(2, kGauge), OfCount(3)}, 2, {kGauge, kUnknown}},
  };
  for (const Case& c : kCases) {
    size_t num_chunks = 0;
    EXPECT_EQ(HintsAfterwards(c.histograms, &num_chunks), c.want) << c.name;
    EXPECT_EQ(num_chunks, c.want_chunks) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
