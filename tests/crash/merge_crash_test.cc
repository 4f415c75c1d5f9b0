#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_blocks.h"
#include "tsdb/block/block_set.h"

// Blocks are merged and rewritten by a process that dies in front of each call that changes a file,
// one after the other. Whatever is left opens with just the samples there were before.

namespace tidemark::crash {
namespace {

namespace fs = std::filesystem;
using testing::ReadBlocks;
using testing::StoredSamples;

class MergeCrashTest : public ::testing::Test {
 protected:
  // Blocks with neighbours to be merged, an overlap, tombstones, and one that is wholly deleted.
  void SetUp() override {
    Add(0, 20, 1);
    Delete(Add(20, 40, 1), {25, 34});
    Add(40, 60, 1);
    Delete(Add(60, 70, 1), {0, 100});
    Add(80, 100, 1);
    Delete(Add(90, 110, 2), {92, 95});
  }
  std::string Add(TimestampMs min, TimestampMs max, int seed) {
    tsdb::BlockMeta meta;
    meta.min_time = min;
    meta.max_time = max;
    const auto written = testing::WriteBlock(original_ + "/blocks", meta,
                                             testing::MakeStoredSamples(5, min, max, 3, seed));
    EXPECT_TRUE(written.ok()) << written.status();
    return StrCat(original_, "/blocks/", written->ulid);
  }
  static void Delete(const std::string& block, TimeRange range) {
    const LabelMatcher matchers[] = {LabelMatcher::Equal("__name__", "m")};
    ASSERT_TRUE((*tsdb::Block::Open(block, nullptr))->Delete(matchers, range).ok());
  }

  // The wait status of a merge_writer.
  int Run(int calls) const {
    const std::string number = StrCat(calls);
    const pid_t pid = fork();
    if (pid == 0) {
      execl(MERGE_WRITER, MERGE_WRITER, crashed_.c_str(), number.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return status;
  }

  static absl::StatusOr<StoredSamples> Open(const std::string& directory) {
    MetricRegistry metrics;
    const auto blocks = tsdb::BlockSet::Open(directory, nullptr, metrics);
    if (!blocks.ok()) return blocks.status();
    return ReadBlocks(*(*blocks)->Current());
  }

  const testing::TempDirectory directory_;
  const std::string original_ = directory_.path() + "/original";
  const std::string crashed_ = directory_.path() + "/crashed";
};

TEST_F(MergeCrashTest, EveryStepLeavesTheSamples) {
  const StoredSamples samples = *Open(original_);
  int calls = 0;
  for (;; ++calls) {
    SCOPED_TRACE(StrCat("killed after ", calls, " calls"));
    fs::copy(original_, crashed_, fs::copy_options::recursive);
    const int status = Run(calls);
    const absl::StatusOr<StoredSamples> left = Open(crashed_);
    ASSERT_TRUE(left.ok()) << left.status();
    ASSERT_EQ(*left, samples);
    ASSERT_FALSE(fs::exists(crashed_ + "/damaged")) << "nothing that is whole is missing a part";
    for (const auto& entry : fs::directory_iterator(crashed_ + "/blocks")) {
      ASSERT_TRUE(tsdb::IsUlid(entry.path().filename().string())) << entry.path();
    }
    if (WIFEXITED(status)) {
      ASSERT_EQ(WEXITSTATUS(status), 0);
      break;
    }
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    fs::remove_all(crashed_);
  }
  EXPECT_GT(calls, 50) << "the calls are counted";
  EXPECT_EQ(std::distance(fs::directory_iterator(crashed_ + "/blocks"), fs::directory_iterator()),
            2);
  RecordProperty("calls", calls);
}

}  // namespace
}  // namespace tidemark::crash
