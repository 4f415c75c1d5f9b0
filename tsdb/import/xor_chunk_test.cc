#include "tsdb/import/xor_chunk.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/model/staleness.h"
#include "tests/testing/prometheus_files.h"
#include "tests/testing/sample_shapes.h"
#include "tsdb/import/xor_chunk_writer.h"

namespace tidemark::tsdb {
namespace {

using ::tidemark::testing::SameSamples;
using ::tidemark::testing::XorChunkData;

// Written by Prometheus 3.5: differences of every width, new windows and old ones.
constexpr uint8_t kWritten[] = {
    0x00, 0x0c, 0x00, 0x3f, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe8, 0x07, 0x30, 0x97,
    0xff, 0xe0, 0x01, 0x76, 0x83, 0xbf, 0xf6, 0xd8, 0x17, 0x89, 0x47, 0xb8, 0xbc, 0xf8, 0xff,
    0x90, 0xf2, 0x20, 0x01, 0xd6, 0x78, 0x00, 0xac, 0x1f, 0x7f, 0x1b, 0xf2, 0x1e, 0x44, 0x00,
    0x3a, 0xcf, 0xc2, 0x70, 0xed, 0x60, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xdc, 0xf2,
    0xd5, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x01,
    0xa1, 0xf4, 0x50, 0x00, 0xb0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1e, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x9c, 0xfb, 0xa9, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xf4, 0x8e, 0x50, 0x38, 0x7e, 0xff, 0x2d, 0x33, 0x33, 0x33, 0x33, 0x33, 0x34};

TEST(XorChunkTest, ReadsAndWritesWhatPrometheusWrites) {
  const std::string_view data(reinterpret_cast<const char*>(kWritten), sizeof(kWritten));
  SampleColumns samples;
  const absl::Status status = DecodeXorChunk(data, samples);
  ASSERT_TRUE(status.ok()) << status;
  const SampleColumns want{{0, 1000, 2000, 3005, 4000, 24'000, 44'010, 144'010, 144'020, 1'000'000,
                            7'000'000, 7'000'001},
                           {1, 1, 2, 2.5, 3, 1e300, -0.0, 12, 24, 15, 15.5, 0.1}};
  EXPECT_TRUE(SameSamples(samples, want));
  EXPECT_EQ(NumSamplesOfChunk(data), want.size());

  XorChunkWriter writer;
  for (size_t i = 0; i < want.size(); ++i) writer.Append(want.timestamps[i], want.values[i]);
  const PrometheusChunk written = std::move(writer).Finish();
  EXPECT_EQ(written.data, data);
  EXPECT_EQ(written.encoding, ChunkEncoding::kXor);
  EXPECT_EQ(written.range, (TimeRange{0, 7'000'001}));
}

TEST(XorChunkTest, NoSamples) {
  SampleColumns samples;
  EXPECT_TRUE(DecodeXorChunk(std::string_view("\0\0", 2), samples).ok());
  EXPECT_TRUE(samples.empty());
}

TEST(XorChunkTest, GivesEveryBitBackAndAppends) {
  SampleColumns samples{{-5, 0, 1, 1'000'000, 1'700'000'000'000},
                        {-0.0, StaleMarker(), 1e300, 0.1, -1}};
  SampleColumns out{{-100}, {7}};
  ASSERT_TRUE(DecodeXorChunk(XorChunkData(samples), out).ok());
  samples.timestamps.insert(samples.timestamps.begin(), -100);
  samples.values.insert(samples.values.begin(), 7);
  EXPECT_TRUE(SameSamples(out, samples));
}

TEST(XorChunkTest, TruncatedDataIsAnError) {
  const std::string data = XorChunkData({{1, 2, 3}, {1, 2, 3}});
  for (size_t size = 0; size < data.size(); ++size) {
    SampleColumns samples;
    EXPECT_EQ(DecodeXorChunk(std::string_view(data).substr(0, size), samples).code(),
              absl::StatusCode::kDataLoss)
        << size;
    EXPECT_TRUE(samples.empty());
  }
}

TEST(XorChunkTest, AnyBytesGiveAscendingSamplesOrAnError) {
  std::mt19937 random(7);
  const std::string data = XorChunkData({{1, 2, 3, 10, 20}, {1, 2, 3, 4, 5}});
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = data;
    for (int k = 0; k < 3; ++k) damaged[random() % data.size()] = static_cast<char>(random());
    SampleColumns samples;
    if (!DecodeXorChunk(damaged, samples).ok()) continue;
    for (size_t k = 1; k < samples.size(); ++k) {
      ASSERT_LT(samples.timestamps[k - 1], samples.timestamps[k]);
    }
  }
}

}  // namespace
}  // namespace tidemark::tsdb
