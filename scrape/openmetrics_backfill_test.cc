#include "scrape/openmetrics_backfill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/strings.h"
#include "tests/testing/memory_blocks.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::scrape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr DurationMs kTwoHours = 2 * kHour;

class OpenMetricsBackfillTest : public ::testing::Test {
 protected:
  absl::Status Backfill(std::string_view page, const std::vector<std::string>& labels = {},
                        std::string_view max_block_duration = "", size_t samples_bytes = 1 << 20) {
    const std::string path = StrCat(directory_.path(), "/page");
    std::ofstream(path) << page;
    auto options = MakeBackfillOptions(path, labels, max_block_duration);
    EXPECT_TRUE(options.ok()) << options.status();
    options->samples_bytes = samples_bytes;
    blocks_.clear();
    report_ = {};
    return BackfillOpenMetrics(*options, testing::NewBlocksInMemory(blocks_), report_);
  }

  const testing::TempDirectory directory_;
  testing::MemoryBlocks blocks_;
  tsdb::BackfillReport report_;
};

constexpr std::string_view kPage =
    "# TYPE b gauge\nb 5 7200\nb 4 1\na{c=\"d\"} 1 2.5\nb 6 7200\n{\"a\",c=\"d\"} 2 3\nb 7 "
    "-0.001\n# EOF\n";

TEST_F(OpenMetricsBackfillTest, SortsSamplesIntoBlocks) {
  const testing::MemoryBlocks want = {
      {{-kTwoHours, 0}, {"b -1 7"}},
      {{0, kTwoHours}, {"a{c=\"d\"} 2500 1", "a{c=\"d\"} 3000 2", "b 1000 4"}},
      {{kTwoHours, 2 * kTwoHours}, {"b 7200000 5"}}};
  for (const size_t samples_bytes : {size_t{1}, size_t{1} << 20}) {
    const absl::Status status = Backfill(kPage, {}, "", samples_bytes);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(blocks_, want);
    EXPECT_EQ(report_.num_duplicates, 1u);
    EXPECT_THAT(report_.blocks, SizeIs(3));
  }
}

TEST_F(OpenMetricsBackfillTest, AddedLabelsAndLongerBlocks) {
  ASSERT_TRUE(
      Backfill("a{x=\"1\"} 1 1\na 2 20000\na 3 70000\n# EOF", {"x=2=3", "y=z"}, "20h").ok());
  EXPECT_EQ(blocks_, (testing::MemoryBlocks{
                         {{0, 9 * kTwoHours},
                          {"a{x=\"2=3\", y=\"z\"} 1000 1", "a{x=\"2=3\", y=\"z\"} 20000000 2"}},
                         {{9 * kTwoHours, 18 * kTwoHours}, {"a{x=\"2=3\", y=\"z\"} 70000000 3"}}}));
}

TEST_F(OpenMetricsBackfillTest, ManyBlocks) {
  std::string page;
  for (int i = 99; i >= 0; --i) StrAppend(&page, "a ", i, " ", i * 7200, "\n");
  ASSERT_TRUE(Backfill(page + "# EOF\n").ok());
  ASSERT_THAT(blocks_, SizeIs(100));
  int i = 0;
  for (const auto& [range, lines] : blocks_) {
    EXPECT_THAT(lines, ElementsAre(StrCat("a ", range.first, " ", i++)));
  }
}

TEST_F(OpenMetricsBackfillTest, WhatIsWrongWritesNothing) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"a 1 1\na 1\n# EOF\n", "/page: line 2: expected timestamp for series a, got none"},
      {"a 1 1\n", "/page: line 2: data does not end with # EOF"},
      {"a{b=c} 1 1\n# EOF\n", "/page: line 1: "},
  };
  for (const auto& [page, want] : kCases) {
    const absl::Status status = Backfill(page);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(want)));
    EXPECT_THAT(blocks_, IsEmpty());
  }
}

TEST(MakeBackfillOptionsTest, Refuses) {
  EXPECT_FALSE(MakeBackfillOptions("a", {"b"}, "").ok());
  EXPECT_FALSE(MakeBackfillOptions("a", {"1b=c"}, "").ok());
  EXPECT_FALSE(MakeBackfillOptions("a", {}, "1h").ok());
  EXPECT_FALSE(MakeBackfillOptions("a", {}, "x").ok());
  EXPECT_EQ(MakeBackfillOptions("a", {}, "10y")->block_duration, 81 * 3 * kTwoHours);
}

}  // namespace
}  // namespace tidemark::scrape
