#include "tsdb/import/prometheus_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/strings.h"
#include "tests/testing/prometheus_files.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/import/prometheus_chunks.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<testing::BlockFileSeries> ThreeSeries() {
  return {{{{"__name__", "a"}, {"job", "x"}}, {{-10, 10, 1, "first"}, {20, 30, 2, "second"}}},
          {{{"__name__", "a"}, {"job", "y"}}, {}},
          {{{"__name__", "b"}}, {{0, 0, 1, "third"}}}};
}

class PrometheusIndexTest : public ::testing::TestWithParam<int> {
 protected:
  absl::StatusOr<std::unique_ptr<PrometheusIndex>> Open(const std::string& bytes) {
    std::ofstream(path_) << bytes;
    return PrometheusIndex::Open(path_);
  }
  std::vector<IndexedSeries> ReadAll(PrometheusIndex& index) {
    std::vector<IndexedSeries> all;
    for (IndexedSeries series; index.Next(series, [this](const absl::Status& status) {
           damages_.emplace_back(ToStd(status.message()));
         });) {
      all.push_back(series);
    }
    return all;
  }

  const testing::TempDirectory directory_;
  const std::string path_ = StrCat(directory_.path(), "/index");
  std::vector<std::string> damages_;
};

TEST_P(PrometheusIndexTest, GivesSeriesAndTheirChunks) {
  const testing::BlockFiles files = testing::MakeBlockFiles(ThreeSeries(), GetParam());
  auto index = Open(files.index);
  ASSERT_TRUE(index.ok()) << index.status();
  const std::vector<IndexedSeries> series = ReadAll(**index);
  ASSERT_THAT(series, SizeIs(3));
  EXPECT_EQ(series[0].labels.ToString(), "a{job=\"x\"}");
  EXPECT_EQ(series[2].labels.ToString(), "b");
  ASSERT_THAT(series[0].chunks, SizeIs(2));
  EXPECT_EQ(series[0].chunks[0].min_time, -10);
  EXPECT_EQ(series[0].chunks[1].max_time, 30);
  EXPECT_THAT(series[1].chunks, IsEmpty());
  EXPECT_EQ(series[1].ref, GetParam() == 2 ? series[1].offset / 16 : series[1].offset);
  EXPECT_THAT(damages_, IsEmpty());

  std::ofstream(StrCat(directory_.path(), "/000001")) << files.chunks;
  PrometheusChunks chunks(directory_.path());
  const auto chunk = chunks.Read(series[0].chunks[1].ref);
  ASSERT_TRUE(chunk.ok()) << chunk.status();
  EXPECT_EQ(chunk->encoding, ChunkEncoding::kHistogram);
  EXPECT_EQ(chunk->data, "second");
}

TEST_P(PrometheusIndexTest, ADamagedEntryIsPassedOver) {
  const testing::BlockFiles files = testing::MakeBlockFiles(ThreeSeries(), GetParam());
  auto whole = Open(files.index);
  const uint64_t offset = ReadAll(**whole)[1].offset;
  std::string damaged = files.index;
  damaged[offset + 1] ^= 1;
  auto index = Open(damaged);
  ASSERT_TRUE(index.ok()) << index.status();
  // Only format 2 says where the next entry may begin.
  EXPECT_THAT(ReadAll(**index), SizeIs(GetParam() == 2 ? 2 : 1));
  EXPECT_THAT(damages_, ElementsAre(HasSubstr(StrCat("/index: byte ", offset, ": checksum"))));
}

TEST_P(PrometheusIndexTest, AnyDamageIsFound) {
  const std::string bytes = testing::MakeBlockFiles(ThreeSeries(), GetParam()).index;
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    auto index = Open(damaged);
    if (!index.ok()) continue;
    damages_.clear();
    const std::vector<IndexedSeries> series = ReadAll(**index);
    EXPECT_TRUE(!damages_.empty() || series.size() == 3) << "byte " << i;
  }
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(Open(bytes.substr(0, size)).ok());
}

INSTANTIATE_TEST_SUITE_P(Formats, PrometheusIndexTest, ::testing::Values(1, 2));

TEST(PrometheusChunksTest, WhatIsNotThere) {
  const testing::TempDirectory directory;
  std::string segment = testing::MakeBlockFiles(ThreeSeries()).chunks;
  segment.back() ^= 1;
  std::ofstream(StrCat(directory.path(), "/000001")) << segment;
  std::ofstream(StrCat(directory.path(), "/000002")) << "rubbish";
  PrometheusChunks chunks(directory.path());
  const std::pair<uint64_t, std::string_view> kCases[] = {
      {8 + 11 + 12, "/000001: byte 31: checksum mismatch"},
      {0, "/000001: byte 0: the index names a chunk that is not there"},
      {segment.size(), "the index names a chunk that is not there"},
      {segment.size() - 1, "chunk ends too soon"},
      {uint64_t{1} << 32 | 8, "/000002: byte 0: not a file of chunks"},
      {uint64_t{2} << 32 | 8, "/000003"},
  };
  EXPECT_TRUE(chunks.Read(8).ok());
  for (const auto& [ref, want] : kCases) {
    const auto chunk = chunks.Read(ref);
    EXPECT_EQ(chunk.status().code(), absl::StatusCode::kDataLoss) << want;
    EXPECT_THAT(std::string(chunk.status().message()), HasSubstr(std::string(want)));
  }
}

}  // namespace
}  // namespace tidemark::tsdb
