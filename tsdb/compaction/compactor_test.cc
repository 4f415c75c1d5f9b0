#include "tsdb/compaction/compactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/model/staleness.h"
#include "base/strings.h"
#include "tests/testing/file_size_limit.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_blocks.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;
using testing::AddSample;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MakeStoredSamples;
using testing::ReadBlocks;
using testing::StoredSamples;
using ::testing::UnorderedElementsAre;

constexpr TimestampMs kNow = 1'700'000'000'000;
bool Never() { return false; }

class CompactorTest : public ::testing::Test {
 protected:
  std::shared_ptr<Block> Write(TimestampMs min, TimestampMs max, const StoredSamples& samples,
                               int level = 1) {
    BlockMeta meta;
    meta.ulid = NewUlid(kNow);
    meta.min_time = min;
    meta.max_time = max;
    meta.compaction.level = level;
    const auto written = testing::WriteBlock(parent_.path(), meta, samples);
    EXPECT_TRUE(written.ok()) << written.status();
    return Open(*written);
  }
  std::shared_ptr<Block> Open(const BlockMeta& meta) {
    auto block = Block::Open(StrCat(parent_.path(), "/", meta.ulid), nullptr);
    EXPECT_TRUE(block.ok()) << block.status();
    return *std::move(block);
  }
  absl::StatusOr<BlockMeta> Merge(const BlockList& blocks) {
    return MergeBlocks(blocks, parent_.path(), kNow, Never);
  }
  std::vector<std::string> OnDisk() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(parent_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  const testing::TempDirectory parent_;
};

LabelSet Metric(std::string_view name) { return {{"__name__", name}}; }

TEST_F(CompactorTest, MergesNeighbours) {
  const BlockList blocks = {Write(0, 100, MakeStoredSamples(3, 0, 100, 10, 0), 2),
                            Write(100, 200, MakeStoredSamples(5, 100, 200, 10, 0)),
                            Write(300, 400, MakeStoredSamples(1, 300, 400, 10, 0))};
  const StoredSamples samples = *ReadBlocks(blocks);
  const absl::StatusOr<BlockMeta> meta = Merge(blocks);
  ASSERT_TRUE(meta.ok()) << meta.status();
  EXPECT_EQ(*ReadBlocks({{Open(*meta)}}), samples);
  EXPECT_EQ(meta->min_time, 0);
  EXPECT_EQ(meta->max_time, 400);
  EXPECT_EQ(meta->stats.num_series, 5U);
  EXPECT_EQ(meta->stats.num_samples, 90U);
  EXPECT_EQ(meta->compaction.level, 3);
  const std::string a = blocks[0]->meta().ulid, b = blocks[1]->meta().ulid,
                    c = blocks[2]->meta().ulid;
  EXPECT_THAT(meta->compaction.parents, ElementsAre(a, b, c));
  EXPECT_THAT(meta->compaction.sources, ElementsAre(a, b, c));
}

TEST_F(CompactorTest, SourcesAreThoseOfAllGenerations) {
  const BlockList blocks = {Write(0, 100, MakeStoredSamples(1, 0, 100, 10, 0)),
                            Write(100, 200, MakeStoredSamples(1, 100, 200, 10, 0)),
                            Write(200, 300, MakeStoredSamples(1, 200, 300, 10, 0))};
  const std::shared_ptr<Block> merged = Open(*Merge({blocks[0], blocks[1]}));
  const BlockMeta meta = *Merge({merged, blocks[2]});
  EXPECT_THAT(meta.compaction.parents, ElementsAre(merged->meta().ulid, blocks[2]->meta().ulid));
  EXPECT_THAT(
      meta.compaction.sources,
      UnorderedElementsAre(blocks[0]->meta().ulid, blocks[1]->meta().ulid, blocks[2]->meta().ulid));
}

TEST_F(CompactorTest, TheOldestBlockHasTheSayWhateverTheOrder) {
  StoredSamples old, recent;
  AddSample(Metric("m"), 20, 1, old);
  AddSample(Metric("m"), 10, 2, recent);
  AddSample(Metric("m"), 20, 3, recent);
  const std::shared_ptr<Block> a = Write(20, 40, old), b = Write(0, 40, recent);
  StoredSamples want;
  AddSample(Metric("m"), 10, 2, want);
  AddSample(Metric("m"), 20, 1, want);
  EXPECT_EQ(*ReadBlocks({{Open(*Merge({a, b}))}}), want);
  EXPECT_EQ(*ReadBlocks({{Open(*Merge({b, a}))}}), want);
  // One that was rewritten since is no younger for it.
  EXPECT_EQ(*ReadBlocks({{Open(*Merge({b, Open(*Merge({a}))}))}}), want);
}

TEST_F(CompactorTest, WhatIsDeletedInOneBlockDoesNotHideItInAnother) {
  StoredSamples samples, want;
  for (TimestampMs t = 0; t < 50; t += 10) AddSample(Metric("m"), t, 7, samples);
  AddSample(Metric("gone"), 10, 1, samples);
  const std::shared_ptr<Block> block = Write(0, 100, samples);
  ASSERT_TRUE(
      block->Delete({{*LabelMatcher::Create("__name__", MatchOp::kEqual, "m")}}, {10, 30}).ok());
  ASSERT_TRUE(
      block->Delete({{*LabelMatcher::Create("__name__", MatchOp::kEqual, "gone")}}, {0, 99}).ok());
  StoredSamples other;
  AddSample(Metric("m"), 20, 8, other);
  AddSample(Metric("m"), 0, 7, want);
  AddSample(Metric("m"), 20, 8, want);
  AddSample(Metric("m"), 40, 7, want);
  const std::shared_ptr<Block> merged = Open(*Merge({block, Write(0, 100, other)}));
  EXPECT_EQ(*ReadBlocks({{merged}}), want);
  EXPECT_EQ(merged->num_tombstones(), 0U);
  EXPECT_EQ(merged->meta().stats.num_series, 1U);
}

TEST_F(CompactorTest, NothingIsLeft) {
  const std::shared_ptr<Block> block = Write(0, 100, MakeStoredSamples(3, 0, 100, 10, 0));
  ASSERT_TRUE(block->Delete({}, {0, 99}).ok());
  const absl::StatusOr<BlockMeta> meta = Merge({block});
  ASSERT_TRUE(meta.ok()) << meta.status();
  EXPECT_EQ(meta->stats.num_series, 0U);
  EXPECT_THAT(OnDisk(), ElementsAre(block->meta().ulid));
}

TEST_F(CompactorTest, StopsBetweenSeries) {
  const BlockList blocks = {Write(0, 100, MakeStoredSamples(9, 0, 100, 10, 0))};
  int asked = 0;
  const auto meta = MergeBlocks(blocks, parent_.path(), kNow, [&] { return ++asked == 5; });
  EXPECT_EQ(meta.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(asked, 5);
  EXPECT_THAT(OnDisk(), ElementsAre(blocks[0]->meta().ulid));
}

TEST_F(CompactorTest, AFullDiskLeavesNothingBehind) {
  const BlockList blocks = {Write(0, 10'000'000, MakeStoredSamples(50, 0, 10'000'000, 9'999, 0))};
  const StoredSamples samples = *ReadBlocks(blocks);
  {
    const testing::FileSizeLimit full(1000);
    const auto meta = Merge(blocks);
    EXPECT_TRUE(absl::IsUnavailable(meta.status()) || absl::IsResourceExhausted(meta.status()))
        << meta.status();
  }
  EXPECT_THAT(OnDisk(), ElementsAre(blocks[0]->meta().ulid));
  EXPECT_EQ(*ReadBlocks({{Open(*Merge(blocks))}}), samples);
}

TEST_F(CompactorTest, ADamagedBlockIsNamed) {
  const BlockList blocks = {Write(0, 100, MakeStoredSamples(3, 0, 100, 10, 0)),
                            Write(100, 200, MakeStoredSamples(3, 100, 200, 10, 0))};
  const std::string path = StrCat(blocks[1]->directory(), "/", kChunksFile);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(20);
  file.write("\xff\x00\xff", 3);
  file.close();
  const auto meta = Merge(blocks);
  EXPECT_EQ(meta.status().code(), absl::StatusCode::kDataLoss) << meta.status();
  EXPECT_THAT(std::string(meta.status().message()), ::testing::HasSubstr(path));
  EXPECT_FALSE(blocks[0]->is_damaged());
  EXPECT_TRUE(blocks[1]->is_damaged());
  EXPECT_EQ(OnDisk().size(), 2U);
}

// Random blocks against maps.
TEST_F(CompactorTest, AgreesWithTheModel) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(StrCat("seed ", seed));
  std::mt19937 random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int round = 0; round < 20; ++round) {
    BlockList blocks;
    StoredSamples want;
    for (int b = 1 + below(5); b > 0; --b) {
      const TimestampMs min = below(3) * 500 - 500, max = min + 1 + below(1000);
      StoredSamples samples;
      for (int n = below(400); n > 0; --n) {
        const LabelSet labels = {{"__name__", "m"}, {"i", StrCat(below(9))}};
        const TimestampMs t = min + below(static_cast<int>(max - min));
        AddSample(labels, t, below(20) == 0 ? StaleMarker() : below(1000) / 8.0, samples);
      }
      if (samples.empty()) continue;
      blocks.push_back(Write(min, max, samples));
      if (below(2) == 0) {
        const std::string value = StrCat(below(9));
        const TimeRange range = {below(1500) - 500, 1000};
        ASSERT_TRUE(blocks.back()
                        ->Delete({{*LabelMatcher::Create("i", MatchOp::kEqual, value)}}, range)
                        .ok());
        const LabelSet labels = {{"__name__", "m"}, {"i", value}};
        std::erase_if(samples[labels], [&](const auto& s) { return range.Contains(s.first); });
      }
      for (const auto& [labels, by_time] : samples) {
        if (!by_time.empty()) want[labels].insert(by_time.begin(), by_time.end());
      }
    }
    if (blocks.empty()) continue;
    std::shuffle(blocks.begin(), blocks.end(), random);
    const absl::StatusOr<BlockMeta> meta = Merge(blocks);
    ASSERT_TRUE(meta.ok()) << meta.status();
    if (want.empty()) {
      EXPECT_EQ(meta->stats.num_series, 0U);
      continue;
    }
    const std::shared_ptr<Block> merged = Open(*meta);
    EXPECT_EQ(*ReadBlocks({{merged}}), want);
    EXPECT_TRUE(merged->Verify().ok());
  }
}

}  // namespace
}  // namespace tidemark::tsdb
