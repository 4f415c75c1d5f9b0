#include "tsdb/journal/journal_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/file_size_limit.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/journal/journal_replay.h"

namespace tidemark::tsdb {
namespace {

class JournalWriterTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    store_.reset();
    auto store = KvStore::Open({directory_.path() + "/kv", {"journal"}});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  // A record of some KB whose sample says its number.
  static std::string Record(uint64_t number) {
    std::string record;
    const std::string labels(4 << 10, static_cast<char>(number));
    const NewSeries series{SeriesRef{1}, labels};
    const SeriesSample sample{SeriesRef{1}, 1000, static_cast<double>(number)};
    EncodeJournalRecord({.new_series = {&series, 1}, .samples = {&sample, 1}}, &record);
    return record;
  }

  testing::TempDirectory directory_;
  FakeClock clock_{0};
  std::unique_ptr<KvStore> store_;
};

TEST_F(JournalWriterTest, WritesAgainOnceThereIsSpace) {
  JournalWriter writer(*store_, clock_, {.fsync = FsyncPolicy::kEveryBatch});
  uint64_t number = 1;
  {
    const testing::FileSizeLimit limit(64 << 10);
    absl::Status status;
    for (; status.ok() && number < 100; ++number) status = writer.Append(Record(number)).status();
    ASSERT_TRUE(absl::IsUnavailable(status)) << status;
    number = writer.last_number();
    // What was written before the failure becomes durable all the same.
    EXPECT_TRUE(writer.AwaitDurable(number).ok());
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(absl::IsUnavailable(writer.Append(Record(0)).status()));
      clock_.Advance(kSecond);
    }
  }
  for (int i = 0; i < 3; ++i) {
    const auto next = writer.Append(Record(++number));
    ASSERT_TRUE(next.ok()) << next.status();
    EXPECT_EQ(*next, number);
    EXPECT_TRUE(writer.AwaitDurable(*next).ok());
  }
  Open();
  uint64_t expected = 0;
  const auto stats = ReplayJournal(*store_, 0, [&](std::span<const NumberedBatch> batches) {
    for (const auto& [n, batch] : batches) {
      EXPECT_EQ(n, ++expected);
      EXPECT_EQ(batch->samples.at(0).value, static_cast<double>(n));
    }
  });
  ASSERT_TRUE(stats.ok()) << stats.status();
  EXPECT_EQ(stats->last_number, number);
}

// Batches that wait for their fsync while another thread meets the full disk are durable, and none
// of it is the end of the journal.
TEST_F(JournalWriterTest, WaitersSurviveAFullDisk) {
  for (int round = 0; round < 5; ++round) {
    Open();
    JournalWriter writer(
        *store_, clock_,
        {.fsync = FsyncPolicy::kEveryBatch, .next_number = uint64_t(round) * 1000 + 1});
    std::atomic<bool> done{false};
    std::vector<std::thread> waiters;
    for (int i = 0; i < 3; ++i) {
      waiters.emplace_back([&] {
        while (!done) {
          const absl::Status status = writer.AwaitDurable(writer.last_number());
          EXPECT_TRUE(status.ok()) << status;
        }
      });
    }
    {
      const testing::FileSizeLimit limit(64 << 10);
      absl::Status status;
      for (int i = 0; status.ok() && i < 100; ++i) {
        status = writer.Append(Record(static_cast<uint64_t>(i))).status();
      }
      EXPECT_FALSE(status.ok());
      EXPECT_FALSE(writer.Append(Record(0)).ok());
    }
    clock_.Advance(kSecond);
    const auto number = writer.Append(Record(0));
    EXPECT_TRUE(number.ok()) << number.status();
    EXPECT_TRUE(writer.AwaitDurable(writer.last_number()).ok());
    done = true;
    for (std::thread& waiter : waiters) waiter.join();
  }
}

}  // namespace
}  // namespace tidemark::tsdb
