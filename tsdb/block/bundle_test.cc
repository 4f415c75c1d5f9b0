#include "tsdb/block/bundle.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tidemark::tsdb {
namespace {

struct OwnedChunk {
  BundledChunk chunk;
  std::string body;
};

std::vector<OwnedChunk> SomeChunks() {
  const uint32_t none = BundledChunk::kOwnTimes;
  return {{{7, ChunkKind::kFloat, true, 4, {}}, "first"},
          {{7, ChunkKind::kFloat, false, 5, {}}, ""},
          {{8, ChunkKind::kHistogram, false, none, {}}, std::string(300, 'x')},
          {{9, ChunkKind::kFloat, true, 0, {}}, "y"},
          {{9, ChunkKind::kFloat, true, 0xfffffffe, {}}, "z"}};
}

std::string Build(BundleBuilder& builder, bool goes_on) {
  for (OwnedChunk& owned : SomeChunks()) {
    owned.chunk.body = owned.body;
    builder.Add(owned.chunk);
  }
  std::string bytes;
  builder.Finish(goes_on, &bytes);
  return bytes;
}

TEST(BundleTest, RoundTrips) {
  BundleBuilder builder;
  for (const bool went_on : {false, true}) {
    const std::string bytes = Build(builder, true);
    EXPECT_TRUE(builder.empty());
    Bundle bundle;
    ASSERT_TRUE(ParseBundle(bytes, 7, &bundle).ok());
    EXPECT_EQ(bundle.first_went_on, went_on) << "where the one before goes on";
    EXPECT_TRUE(bundle.last_goes_on);
    const std::vector<OwnedChunk> want = SomeChunks();
    ASSERT_EQ(bundle.chunks.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      EXPECT_EQ(bundle.chunks[i].series, want[i].chunk.series) << i;
      EXPECT_EQ(bundle.chunks[i].has_summary, want[i].chunk.has_summary) << i;
      EXPECT_EQ(bundle.chunks[i].time_column, want[i].chunk.time_column) << i;
      EXPECT_EQ(bundle.chunks[i].body, want[i].body) << i;
    }
  }
}

TEST(BundleTest, RefusesWhatIsCutOffOrNewer) {
  BundleBuilder builder;
  const std::string bytes = Build(builder, false);
  Bundle bundle;
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(ParseBundle(bytes.substr(0, size), 7, &bundle).code(), absl::StatusCode::kDataLoss)
        << size;
  }
  EXPECT_EQ(ParseBundle(bytes + "x", 7, &bundle).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ParseBundle(bytes, 0xffffffff, &bundle).code(), absl::StatusCode::kDataLoss);
  std::string newer = bytes;
  newer[2] |= 3;  // a kind of chunk
  EXPECT_EQ(ParseBundle(newer, 7, &bundle).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(BundleTest, AnyBytesAreTakenOrRefused) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  BundleBuilder builder;
  const std::string bytes = Build(builder, false);
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = bytes.substr(0, 30 + random() % (bytes.size() - 29));
    for (int i = 0; i < 3; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
    Bundle bundle;
    if (!ParseBundle(damaged, 7, &bundle).ok()) continue;
    size_t num_bytes = 0;
    for (const BundledChunk& chunk : bundle.chunks) num_bytes += chunk.body.size();
    EXPECT_LT(num_bytes, damaged.size());
  }
}

}  // namespace
}  // namespace tidemark::tsdb
