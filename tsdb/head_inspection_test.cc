#include "tsdb/head_inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/run/fake_clock.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_blocks.h"
#include "tsdb/db.h"

namespace tidemark::tsdb {
namespace {

constexpr TimestampMs kNow = 1'700'000'000'000;

TEST(StoredHeadTest, ReadsWhatCheckpointAndJournalHold) {
  const testing::TempDirectory directory;
  FakeClock clock(kNow);
  MetricRegistry metrics;
  auto db =
      *Db::Open({.path = directory.path(), .retention = 0, .checkpoint_bytes = 1}, clock, metrics);
  testing::StoredSamples samples = testing::MakeStoredSamples(3, kNow, kNow + kMinute, kSecond, 0);
  ASSERT_TRUE(testing::Append(samples, *db).ok());
  ASSERT_TRUE(db->Maintain().ok());  // a checkpoint
  const auto more = testing::MakeStoredSamples(5, kNow + kMinute, kNow + 2 * kMinute, kSecond, 0);
  ASSERT_TRUE(testing::Append(more, *db).ok());
  for (const auto& [labels, by_time] : more) {
    samples[labels].insert(by_time.begin(), by_time.end());
  }
  const auto locked = StoredHead::Open(directory.path());
  EXPECT_TRUE(absl::IsFailedPrecondition(locked.status())) << locked.status();
  db.reset();

  const auto head = StoredHead::Open(directory.path());
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_THAT((*head)->damages(), ::testing::IsEmpty());
  EXPECT_EQ((*head)->parts().size(), 2u);
  EXPECT_TRUE(*testing::ReadAll(*(*head)->NewQuerier()) == samples);

  for (const auto& file : std::filesystem::directory_iterator(directory.path() + "/head")) {
    if (file.path().extension() == ".log") std::ofstream(file.path()) << "";
  }
  const auto damaged = StoredHead::Open(directory.path());
  ASSERT_TRUE(damaged.ok()) << damaged.status();
  EXPECT_THAT((*damaged)->damages(),
              ::testing::ElementsAre(::testing::HasSubstr("/head: batches damaged or missing: 1")));
  EXPECT_FALSE(std::filesystem::exists(directory.path() + "/damaged"));
}

TEST(StoredHeadTest, ADirectoryWithoutOneIsEmpty) {
  const testing::TempDirectory directory;
  const auto head = StoredHead::Open(directory.path());
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_TRUE(testing::ReadAll(*(*head)->NewQuerier())->empty());
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

}  // namespace
}  // namespace tidemark::tsdb
