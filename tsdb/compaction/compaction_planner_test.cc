#include "tsdb/compaction/compaction_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

// A block [min_time, max_time) whose ulid is its place in the list, from "0".
struct Span {
  TimestampMs min_time, max_time;
  uint64_t num_tombstones = 0, num_series = 100;
};

std::vector<BlockMeta> Metas(const std::vector<Span>& spans) {
  std::vector<BlockMeta> metas;
  for (const Span& span : spans) {
    BlockMeta meta;
    meta.ulid = StrCat(metas.size());
    meta.min_time = span.min_time;
    meta.max_time = span.max_time;
    meta.stats.num_tombstones = span.num_tombstones;
    meta.stats.num_series = span.num_series;
    metas.push_back(meta);
  }
  return metas;
}

TEST(CompactionPlannerTest, BlockRanges) {
  EXPECT_THAT(BlockRanges(2, 1), ElementsAre(2));
  EXPECT_THAT(BlockRanges(2, 5), ElementsAre(2));
  EXPECT_THAT(BlockRanges(2, 6), ElementsAre(2, 6));
  EXPECT_THAT(BlockRanges(2 * kHour, 31 * kDay),
              ElementsAre(2 * kHour, 6 * kHour, 18 * kHour, 54 * kHour, 162 * kHour, 486 * kHour));
  EXPECT_EQ(BlockRanges(kHour, kMaxTimestamp).back() % kHour, 0) << "no overflow";
}

TEST(CompactionPlannerTest, PlanCompaction) {
  struct Case {
    std::string_view name;
    std::vector<Span> blocks;
    std::vector<std::string> want;
  };
  const std::vector<DurationMs> ranges = {20, 60, 180};
  const Case cases[] = {
      {"no blocks", {}, {}},
      {"one block", {{0, 20}}, {}},
      {"a range that is full, but for the newest block", {{0, 20}, {20, 40}, {40, 60}}, {}},
      {"a range that is full, with a newer block after it",
       {{0, 20}, {20, 40}, {40, 60}, {60, 80}},
       {"0", "1", "2"}},
      {"a range with a gap, its ends there", {{0, 20}, {40, 60}, {60, 80}}, {"0", "1"}},
      {"a range that lacks its end, nothing settled after it", {{0, 20}, {20, 40}, {60, 80}}, {}},
      {"a range that lacks its end and will not get it",
       {{0, 20}, {20, 40}, {60, 80}, {80, 100}},
       {"0", "1"}},
      {"ranges of one block are left as they are", {{0, 20}, {60, 80}, {120, 140}, {180, 200}}, {}},
      {"the smallest range first",
       {{0, 60}, {60, 120}, {120, 180}, {180, 200}, {200, 220}, {220, 240}, {240, 260}},
       {"3", "4", "5"}},
      {"then the larger one", {{0, 60}, {60, 120}, {120, 180}, {180, 240}}, {"0", "1", "2"}},
      {"the largest range is not merged any more",
       {{0, 180}, {180, 360}, {360, 540}, {540, 560}},
       {}},
      {"what lies across a boundary stays out of its range",
       {{0, 50}, {50, 70}, {70, 90}, {90, 120}, {120, 140}, {140, 160}},
       {"2", "3"}},
      {"a misaligned first block does not hide those behind it",
       {{10, 70}, {70, 80}, {80, 120}, {120, 140}, {140, 160}},
       {"1", "2"}},
      {"ranges before the epoch", {{-60, -40}, {-40, -20}, {-20, 0}, {0, 20}}, {"0", "1", "2"}},
      {"ranges on both sides of the epoch stay apart", {{-20, 0}, {0, 20}, {20, 40}}, {}},
      {"overlap, the newest block included", {{0, 20}, {10, 30}}, {"0", "1"}},
      {"overlap comes before a full range",
       {{0, 20}, {20, 40}, {40, 60}, {60, 80}, {70, 80}, {80, 100}},
       {"3", "4"}},
      {"overlap reaches on through a long block",
       {{0, 20}, {20, 80}, {30, 40}, {50, 60}, {80, 100}},
       {"1", "2", "3"}},
      {"the first of two overlaps", {{0, 20}, {10, 20}, {20, 40}, {30, 40}}, {"0", "1"}},
      {"equal times", {{0, 20}, {0, 20}, {20, 40}}, {"0", "1"}},
      {"blocks that touch do not overlap", {{0, 20}, {20, 40}}, {}},
      {"tombstones in more than 5 % of a large block", {{0, 60, 6}, {60, 80}}, {"0"}},
      {"tombstones in 5 %", {{0, 60, 5}, {60, 80}}, {}},
      {"tombstones in a small block, which is merged soon", {{0, 20, 50}, {60, 80}}, {}},
      {"a small block that is wholly deleted", {{0, 20, 100}, {60, 80}}, {"0"}},
      {"the newest block is not rewritten", {{0, 60}, {60, 80, 100}}, {}},
      {"a small block without many tombstones hides no large one",
       {{0, 60, 50}, {60, 80, 1}, {80, 100}},
       {"0"}},
      {"merging comes before rewriting",
       {{0, 60, 50}, {60, 80}, {80, 120}, {120, 140}, {140, 160}},
       {"1", "2"}},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(PlanCompaction(Metas(c.blocks), ranges), ElementsAreArray(c.want)) << c.name;
  }
}

TEST(CompactionPlannerTest, OneRangeOnly) {
  EXPECT_THAT(PlanCompaction(Metas({{0, 20}, {20, 40}, {40, 60}, {60, 80}}), {20}), ElementsAre());
  EXPECT_THAT(PlanCompaction(Metas({{0, 20, 50}, {20, 40}}), {20}), ElementsAre("0"));
}

TEST(CompactionPlannerTest, TimesAtTheEndsOfTheRange) {
  const std::vector<BlockMeta> metas = Metas({{kMinTimestamp, kMinTimestamp + 4},
                                              {kMinTimestamp + 4, kMinTimestamp + 8},
                                              {0, 20},
                                              {kMaxTimestamp - 10, kMaxTimestamp}});
  EXPECT_THAT(PlanCompaction(metas, {20, 60}), ElementsAre("0", "1"));
}

// Days of blocks cut every two hours: the plan comes to rest, nothing overlaps, nothing is lost,
// and a sample is rewritten once a level.
TEST(CompactionPlannerTest, ComesToRest) {
  const std::vector<DurationMs> ranges = BlockRanges(2 * kHour, 3 * kDay);
  std::vector<BlockMeta> metas;
  size_t num_merged_hours = 0;
  for (int hour = 0; hour < 30 * 24; hour += 2) {
    BlockMeta cut = Metas({{hour * kHour, (hour + 2) * kHour}})[0];
    cut.ulid = StrCat("cut ", hour);
    metas.push_back(cut);
    while (true) {
      const std::vector<std::string> plan = PlanCompaction(metas, ranges);
      if (plan.empty()) break;
      const auto first = std::find_if(metas.begin(), metas.end(),
                                      [&](const BlockMeta& m) { return m.ulid == plan[0]; });
      ASSERT_GT(plan.size(), 1U);
      const auto last = first + static_cast<ptrdiff_t>(plan.size()) - 1;
      ASSERT_EQ(last->ulid, plan.back());
      first->max_time = last->max_time;
      first->ulid += "+";
      num_merged_hours += static_cast<size_t>((first->max_time - first->min_time) / kHour);
      metas.erase(first + 1, last + 1);
    }
  }
  EXPECT_EQ(metas.front().min_time, 0);
  EXPECT_LE(metas.size(), 13U + 2 + 2 + 3 + 1);
  EXPECT_LE(num_merged_hours, 3U * 30 * 24) << "three merges take 2 h to 54 h";
  for (size_t i = 1; i < metas.size(); ++i) EXPECT_EQ(metas[i].min_time, metas[i - 1].max_time);
}

TEST(CompactionPlannerTest, PlanRetention) {
  struct Case {
    std::string_view name;
    std::vector<Span> blocks;  // of 100 bytes each
    RetentionLimits limits;
    uint64_t other_bytes;
    TimestampMs newest;
    std::vector<std::string> want;  // newest first
  };
  const std::vector<Span> three = {{0, 20}, {20, 40}, {40, 60}};
  const Case cases[] = {
      {"no limits", three, {}, 1000, 10'000, {}},
      {"no blocks", {}, {10, 10}, 1000, 10'000, {}},
      {"a block that holds a sample of just the horizon stays", three, {40, 0}, 0, 59, {}},
      {"the horizon is where the block ends", three, {40, 0}, 0, 60, {"0"}},
      {"everything is too old", three, {40, 0}, 0, 1000, {"2", "1", "0"}},
      {"an empty store has no newest sample", three, {40, 0}, 0, kMinTimestamp, {}},
      {"a block counts by its end, not by its begin", {{0, 100}, {10, 20}}, {50, 0}, 0, 100, {"1"}},
      {"size that just fits", three, {0, 300}, 0, 59, {}},
      {"size without head and journal", three, {0, 299}, 0, 59, {"0"}},
      {"head and journal count", three, {0, 300}, 1, 59, {"0"}},
      {"head and journal alone exceed it", three, {0, 300}, 301, 59, {"2", "1", "0"}},
      {"what time takes makes room", three, {40, 250}, 50, 60, {"0"}},
      {"both limits", three, {40, 150}, 0, 60, {"1", "0"}},
  };
  for (const Case& c : cases) {
    std::vector<SizedBlock> blocks;
    for (const BlockMeta& meta : Metas(c.blocks)) blocks.push_back({meta, 100});
    EXPECT_THAT(PlanRetention(blocks, c.limits, c.other_bytes, c.newest), ElementsAreArray(c.want))
        << c.name;
  }
}

TEST(CompactionPlannerTest, SizeRetentionKeepsTheNewestWithoutHoles) {
  const std::vector<BlockMeta> metas = Metas({{0, 20}, {20, 40}, {40, 60}});
  const std::vector<SizedBlock> blocks = {{metas[0], 10}, {metas[1], 500}, {metas[2], 100}};
  EXPECT_THAT(PlanRetention(blocks, {0, 200}, 0, 59), ElementsAre("1", "0"))
      << "the small old block goes although it would fit";
}

}  // namespace
}  // namespace tidemark::tsdb
