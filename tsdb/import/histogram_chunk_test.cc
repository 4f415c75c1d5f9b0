#include "tsdb/import/histogram_chunk.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/model/staleness.h"
#include "tests/testing/histogram_shapes.h"
#include "tests/testing/prometheus_files.h"

namespace tidemark::tsdb {
namespace {

using ::tidemark::testing::HistogramChunkData;
using ::tidemark::testing::MakeHistograms;

// What one chunk holds: the longest front of some histograms that share a layout, counters.
HistogramColumns OneChunk(uint64_t seed, bool is_float) {
  const HistogramColumns all = MakeHistograms(seed, 20, is_float);
  HistogramColumns chunk;
  for (size_t i = 0; i < all.size() && !IsStaleMarker(all[i].sum); ++i) {
    if (i > 0 && !all.SharesLayout(i - 1)) break;
    chunk.push_back(all.timestamps()[i], all[i]);
    chunk.SetHint(i, i == 0 ? CounterResetHint::kUnknown : CounterResetHint::kNotCounterReset);
  }
  return chunk;
}

TEST(PrometheusHistogramChunkTest, GivesWhatIsInIt) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const bool is_float = seed % 2 == 0;
    const HistogramColumns want = OneChunk(seed, is_float);
    if (want.empty()) continue;
    HistogramColumns histograms;
    const absl::Status status =
        DecodeHistogramChunk(HistogramChunkData(want), is_float, histograms);
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status;
    ASSERT_TRUE(SameBits(histograms, want)) << "seed " << seed;
  }
}

TEST(PrometheusHistogramChunkTest, AnyBytesAreHistogramsOrDamage) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 3000; ++round) {
    const bool is_float = round % 2 == 0;
    HistogramColumns chunk = OneChunk(1 + random() % 50, is_float);
    if (chunk.empty()) continue;
    std::string data = HistogramChunkData(chunk);
    for (int i = 0; i < 3; ++i) data[random() % data.size()] = static_cast<char>(random());
    data.resize(data.size() - random() % 4);
    HistogramColumns histograms;
    const absl::Status status = DecodeHistogramChunk(data, is_float, histograms);
    ASSERT_TRUE(status.ok() || histograms.empty());
  }
}

}  // namespace
}  // namespace tidemark::tsdb
