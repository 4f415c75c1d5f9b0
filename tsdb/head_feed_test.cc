#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/db.h"
#include "tsdb/journal_feed.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimestampMs kNow = 1'700'000'000'000;

class JournalFeedTest : public ::testing::Test {
 protected:
  JournalFeedTest() {
    options_.path = directory_.path();
    options_.checkpoint_bytes = 1;  // always due
  }
  void Open() {
    db_.reset();
    metrics_ = std::make_unique<MetricRegistry>();
    auto db = Db::Open(options_, clock_, *metrics_);
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
    feed_ = db_->Feed();
  }
  void Append(const LabelSet& labels, TimestampMs t, double v) {
    const auto appender = db_->NewAppender();
    appender->Append(*appender->GetOrCreate(labels), t, v);
    ASSERT_TRUE(appender->Commit(CommitMode::kPartial).ok());
  }
  // Goes through one round of what the store does by and by, a minute later.
  void Maintain() {
    clock_.Advance(kMinute);
    ASSERT_TRUE(db_->Maintain().ok());
  }
  // The numbers of batches that are there, from one on, with the labels of their samples.
  std::vector<std::string> Read(uint64_t first) {
    std::vector<std::string> found;
    const auto next = feed_->Read(first, [&](const FeedBatch& batch) {
      for (const SeriesSample& s : batch.samples) {
        const auto labels = feed_->Labels(s.series);
        found.push_back(StrCat(batch.number, " ", labels ? labels->ToString() : "?"));
      }
      return true;
    });
    EXPECT_EQ(*next, feed_->LastNumber() + 1);
    return found;
  }
  static LabelSet Named(int i) { return {{"__name__", StrCat("m", i)}}; }

  testing::TempDirectory directory_;
  FakeClock clock_{kNow};
  Options options_;
  std::unique_ptr<MetricRegistry> metrics_;
  std::unique_ptr<Db> db_;
  JournalFeed* feed_ = nullptr;
};

TEST_F(JournalFeedTest, GivesBatchesInOrderFromAnyNumber) {
  Open();
  EXPECT_EQ(feed_->LastNumber(), 0u);
  EXPECT_EQ(feed_->Newest(), kMinTimestamp);
  EXPECT_THAT(Read(1), IsEmpty());
  for (int i = 1; i <= 3; ++i) Append(Named(i), kNow + i, i);
  EXPECT_THAT(Read(1), ElementsAre("1 m1", "2 m2", "3 m3"));
  EXPECT_THAT(Read(3), ElementsAre("3 m3"));
  EXPECT_EQ(feed_->Newest(), kNow + 3);
  int num_visited = 0;
  const auto next = feed_->Read(1, [&](const FeedBatch& batch) {
    EXPECT_EQ(batch.samples[0].value, 1);
    ++num_visited;
    return false;
  });
  EXPECT_EQ(*next, 2u);
  EXPECT_EQ(num_visited, 1);
  EXPECT_EQ(feed_->Labels(SeriesRef{77}), std::nullopt);
  EXPECT_EQ(feed_->Labels(kNoSeries), std::nullopt);
  ASSERT_TRUE(db_->Close().ok());
  EXPECT_TRUE(absl::IsUnavailable(feed_->Read(1, [](const FeedBatch&) { return true; }).status()));
}

TEST_F(JournalFeedTest, ACheckpointKeepsWhatIsHeld) {
  Open();
  for (int i = 1; i <= 4; ++i) Append(Named(i), kNow + i, i);
  feed_->Hold("slow", 2);
  feed_->Hold("fast", 4);
  Maintain();
  EXPECT_THAT(Read(1), ElementsAre("2 m2", "3 m3", "4 m4"));
  feed_->Hold("slow", 4);
  Maintain();
  EXPECT_THAT(Read(1), ElementsAre("4 m4"));
  // A start that expects readers keeps all that is left until they hold for themselves.
  options_.hold_journal = true;
  Open();
  Append(Named(5), kNow + 5, 5);
  Maintain();
  EXPECT_THAT(Read(1), ElementsAre("4 m4", "5 m5"));
  feed_->Hold("slow", 5);
  feed_->Release(kStartupReader);
  Maintain();
  EXPECT_THAT(Read(1), ElementsAre("5 m5"));
  feed_->Release("slow");
  Maintain();
  EXPECT_THAT(Read(1), IsEmpty());
}

TEST_F(JournalFeedTest, PastTheLimitTheOldestGo) {
  options_.max_held_journal_bytes = 1;
  Open();
  feed_->Hold("gone", 1);
  for (int i = 1; i <= 8; ++i) Append(Named(i), kNow + i, i);
  Maintain();
  EXPECT_THAT(Read(1), ElementsAre("3 m3", "4 m4", "5 m5", "6 m6", "7 m7", "8 m8"));
}

TEST_F(JournalFeedTest, SeriesStayWhileABatchWithThemIsHeld) {
  Open();
  Append(Named(1), kNow, 1);
  feed_->Hold("slow", 1);
  // Cuts take all samples of the series, and would let it go.
  for (int i = 1; i <= 6; ++i) {
    clock_.Advance(2 * kHour);
    Append(Named(2), clock_.Now(), i);
    for (int round = 0; round < 4; ++round) Maintain();
  }
  Open();
  EXPECT_EQ(Read(1).front(), "1 m1");
  feed_->Hold("slow", feed_->LastNumber() + 1);
  for (int i = 1; i <= 3; ++i) {
    clock_.Advance(2 * kHour);
    Append(Named(2), clock_.Now(), i);
    feed_->Hold("slow", feed_->LastNumber() + 1);
    for (int round = 0; round < 4; ++round) Maintain();
  }
  EXPECT_EQ(feed_->Labels(SeriesRef{1}), std::nullopt);
}

TEST_F(JournalFeedTest, ForwardingOnlyKeepsNothingElse) {
  options_.forward_only = true;
  options_.out_of_order_window = 0;
  Open();
  Append(Named(1), kNow, 1);
  Append(Named(1), kNow + 1, 2);
  const auto appender = db_->NewAppender();
  appender->Append(*appender->GetOrCreate(Named(1)), kNow, 3);
  EXPECT_EQ((*appender->Commit(CommitMode::kPartial)).rejected.size(), 1u);
  EXPECT_THAT(Read(1), ElementsAre("1 m1", "2 m1"));
  EXPECT_EQ((*db_->NewQuerier()->Select({}, TimeRange()))->size(), 0u);
  Maintain();
  Open();
  // What admission knew, it knows again.
  const auto later = db_->NewAppender();
  later->Append(*later->GetOrCreate(Named(1)), kNow, 3);
  EXPECT_EQ((*later->Commit(CommitMode::kPartial)).rejected.size(), 1u);
  EXPECT_EQ(feed_->Newest(), kNow + 1);
  EXPECT_NE(feed_->Labels(SeriesRef{1}), std::nullopt);
  clock_.Advance(2 * kHour);
  for (int round = 0; round < 3; ++round) Maintain();
  EXPECT_EQ(feed_->Labels(SeriesRef{1}), std::nullopt);
}

}  // namespace
}  // namespace tidemark::tsdb
