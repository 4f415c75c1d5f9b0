#include <gtest/gtest.h>

#include <memory>

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/head/head.h"
#include "tsdb/journal/journal_replay.h"

namespace tidemark::tsdb {
namespace {

constexpr DurationMs kRange = 2 * kHour;
constexpr TimestampMs kStart = 1'700'006'400'000 / kRange * kRange;

class HeadCutTest : public ::testing::Test {
 protected:
  HeadCutTest() { StartJournal(); }

  void StartJournal() {
    journal_ = std::make_unique<JournalWriter>(
        *store_, clock_, JournalWriter::Options{.fsync = FsyncPolicy::kNever});
    head_.StartJournal(journal_.get(), 1);
  }

  static LabelSet Labels(int i) { return {{"__name__", "m"}, {"i", StrCat(i)}}; }

  absl::Status Append(SeriesRef ref, TimestampMs t, double v) {
    const SeriesSample sample{ref, t, v};
    return head_.Commit({&sample, 1}, CommitMode::kAllOrNothing, scratch_).status();
  }
  void Append(int i, TimestampMs t, double v) {
    ASSERT_TRUE(Append(*head_.GetOrCreate(Labels(i), nullptr), t, v).ok());
  }
  // "i: t=v t=v" of everything, times in minutes since kStart.
  std::string Read(TimeRange range = TimeRange()) {
    std::vector<SeriesPin> pins = head_.Select({}, range);
    head_.SortByLabels(pins);
    std::string text;
    for (const SeriesPin& pin : pins) {
      SampleColumns samples;
      EXPECT_TRUE(head_.Read(pin, range, samples).ok());
      text += Text(pin.series, samples);
    }
    return text;
  }
  std::string ReadCut(const HeadCut& cut) {
    std::string text;
    for (const CutSeries& series : cut.series) {
      for (const TimeRange& partition : cut.partitions) {
        SampleColumns samples;
        EXPECT_TRUE(head_.ReadCut(series, partition, samples).ok());
        if (!samples.empty()) text += Text(series.series, samples);
      }
    }
    return text;
  }
  std::string Text(uint32_t series, const SampleColumns& samples) {
    std::string text(LabelsOf(head_.series(series), head_.symbols()).Get("i"));
    text += ":";
    for (size_t k = 0; k < samples.size(); ++k) {
      text += StrCat(" ", (samples.timestamps[k] - kStart) / kMinute, "=", samples.values[k]);
    }
    return text + "\n";
  }

  const testing::TempDirectory directory_;
  FakeClock clock_{kStart + kDay};
  MetricRegistry metrics_;
  std::unique_ptr<KvStore> store_ =
      *KvStore::Open({.path = directory_.path(), .families = {"journal"}});
  Head head_{{.out_of_order_window = 10 * kHour, .max_future = kHour, .block_range = kRange},
             clock_,
             metrics_};
  std::unique_ptr<JournalWriter> journal_;
  CommitScratch scratch_;
};

TEST_F(HeadCutTest, IsDueOnceAPartitionIsHalfAPartitionOld) {
  EXPECT_FALSE(head_.CutDue().has_value());
  Append(1, kStart + 10 * kMinute, 1);
  Append(1, kStart + kRange + kHour - 1, 1);
  EXPECT_FALSE(head_.CutDue().has_value());
  Append(1, kStart + kRange + kHour, 1);
  EXPECT_EQ(head_.CutDue(), kStart + kRange);
  head_.EndCut(*head_.BeginCut(kStart + kRange));
  EXPECT_FALSE(head_.CutDue().has_value());
  // A few samples that come late wait for the next partition.
  Append(1, kStart + 20 * kMinute, 1);
  EXPECT_FALSE(head_.CutDue().has_value());
  Append(1, kStart + 2 * kRange + kHour, 1);
  EXPECT_EQ(head_.CutDue(), kStart + 2 * kRange);
}

TEST_F(HeadCutTest, TakesWhatIsOldAndLeavesTheRest) {
  Append(2, kStart + kMinute, 1);
  Append(2, kStart + 2 * kHour, 2);
  Append(2, kStart + 5 * kHour, 3);
  Append(2, kStart + 2 * kMinute, 4);  // late, and so is the next
  Append(2, kStart + 4 * kHour + kMinute, 5);
  Append(1, kStart + 3 * kMinute, 6);  // nothing new
  Append(3, kStart + 5 * kHour, 7);    // nothing old
  const std::string all = Read();
  EXPECT_EQ(all, "1: 3=6\n2: 1=1 2=4 120=2 241=5 300=3\n3: 300=7\n");

  const absl::StatusOr<HeadCut> cut = head_.BeginCut(kStart + 2 * kRange);
  ASSERT_TRUE(cut.ok()) << cut.status();
  EXPECT_EQ(cut->partitions.size(), 2u);
  const std::string taken = "1: 3=6\n2: 1=1 2=4\n2: 120=2\n";
  EXPECT_EQ(ReadCut(*cut), taken);
  EXPECT_EQ(Read(), all);

  // What comes now is not of the cut, though it is old.
  Append(1, kStart + 4 * kMinute, 8);
  Append(2, kStart + 5 * kMinute, 9);
  EXPECT_EQ(ReadCut(*cut), taken);
  const std::vector<SeriesPin> before = head_.Select({}, TimeRange());
  head_.EndCut(*cut);
  EXPECT_EQ(Read(), "1: 4=8\n2: 5=9 241=5 300=3\n3: 300=7\n");
  EXPECT_EQ(head_.Stats().num_samples, 5u);
  EXPECT_EQ(head_.Stats().range.min, kStart + 4 * kMinute);
}

TEST_F(HeadCutTest, AnAbandonedCutIsTakenByTheNext) {
  Append(1, kStart + 2 * kMinute, 1);
  Append(1, kStart + kMinute, 2);
  ASSERT_TRUE(head_.BeginCut(kStart + kRange).ok());
  Append(1, kStart + 90 * kSecond, 3);
  Append(1, kStart + 3 * kMinute, 4);
  const absl::StatusOr<HeadCut> cut = head_.BeginCut(kStart + kRange);
  EXPECT_EQ(ReadCut(*cut), Read());
  head_.EndCut(*cut);
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(head_.Stats().num_samples, 0u);
  EXPECT_EQ(head_.Stats().num_chunks, 0u);
}

TEST_F(HeadCutTest, IdleSeriesLeaveAndTheirPlaceIsGivenAway) {
  const SeriesRef old = *head_.GetOrCreate(Labels(1), nullptr);
  ASSERT_TRUE(Append(old, kStart, 1).ok());
  Append(2, kStart + 3 * kHour, 1);
  const uint32_t num_pairs = static_cast<uint32_t>(head_.symbols().num_pairs());
  head_.EndCut(*head_.BeginCut(kStart + kRange));

  EXPECT_EQ(head_.RetireIdle(kStart + kRange), 0u) << "only those that were idle before";
  ASSERT_TRUE(Append(old, kStart + kMinute, 2).ok());
  EXPECT_EQ(head_.RetireIdle(kStart + kRange), 0u) << "it has a sample again";
  head_.EndCut(*head_.BeginCut(kStart + kRange));
  EXPECT_EQ(head_.RetireIdle(kStart), 0u) << "its newest sample is too new";
  EXPECT_EQ(head_.RetireIdle(kStart + kRange), 0u);
  EXPECT_EQ(head_.RetireIdle(kStart + kRange), 1u);
  EXPECT_TRUE(absl::IsNotFound(Append(old, kStart + kHour, 3)));
  // The same labels are another series from now on, even before the place is free.
  const SeriesRef fresh = *head_.GetOrCreate(Labels(1), nullptr);
  EXPECT_NE(fresh, old);
  head_.FreeRetired();
  EXPECT_EQ(head_.symbols().num_pairs(), num_pairs);

  const SeriesRef third = *head_.GetOrCreate(Labels(3), nullptr);
  EXPECT_EQ(NumberOf(third), NumberOf(old));
  EXPECT_NE(third, old);
  ASSERT_TRUE(Append(third, kStart + 3 * kHour, 5).ok());
  ASSERT_TRUE(Append(fresh, kStart + 3 * kHour, 6).ok());
  EXPECT_TRUE(absl::IsNotFound(Append(old, kStart + 4 * kHour, 7)));
  EXPECT_EQ(*head_.GetOrCreate(Labels(1), nullptr), fresh);
  EXPECT_EQ(Read(), "1: 180=6\n2: 180=1\n3: 180=5\n");
}

TEST_F(HeadCutTest, WhatIsDeletedIsNotTaken) {
  for (int t = 0; t < 10; ++t) Append(1, kStart + t * kMinute, t);
  Append(2, kStart, 1);
  Append(1, kStart + 90 * kSecond, 1.5);
  const auto one = LabelMatcher::Equal("i", "1");
  EXPECT_EQ(*head_.Delete({&one, 1}, {kStart + kMinute, kStart + 7 * kMinute}), 1u);
  EXPECT_EQ(*head_.Delete({&one, 1}, {kStart + 9 * kMinute, kMaxTimestamp}), 1u);
  EXPECT_EQ(*head_.Delete({&one, 1}, {kStart + kHour, kMaxTimestamp}), 0u);
  EXPECT_EQ(Read(), "1: 0=0 8=8\n2: 0=1\n");
  // Later samples are not concerned, wherever they lie; one that was deleted may be sent again.
  Append(1, kStart + 3 * kHour, 3);
  Append(1, kStart + 4 * kMinute, 4);
  Append(1, kStart + 150 * kSecond, 2.5);
  const std::string left = "1: 0=0 2=2.5 4=4 8=8\n2: 0=1\n";
  EXPECT_EQ(Read({kStart, kStart + kHour}), left);
  EXPECT_EQ(ReadCut(*head_.BeginCut(kStart + kRange)), left);

  Head again{{.out_of_order_window = 10 * kHour, .block_range = kRange}, clock_, metrics_};
  ASSERT_TRUE(ReplayJournal(*store_, 0, [&](auto batches) { again.Replay(batches); }).ok());
  SampleColumns samples;
  ASSERT_TRUE(again.Read(again.Select({&one, 1}, TimeRange())[0], TimeRange(), samples).ok());
  EXPECT_EQ(samples.values, (std::vector<double>{0, 2.5, 4, 8, 3}));
}

TEST_F(HeadCutTest, AReplayAfterACutPassesOverWhatIsInBlocks) {
  Append(1, kStart, 1);
  Append(1, kStart + 3 * kHour, 2);
  Append(1, kStart + kMinute, 3);
  const HeadCut cut = *head_.BeginCut(kStart + kRange);
  Append(1, kStart + 2 * kMinute, 4);

  Head again{{.out_of_order_window = 10 * kHour, .block_range = kRange}, clock_, metrics_};
  again.ResumeAfterCut(cut.before, cut.covers, 1);
  ASSERT_TRUE(ReplayJournal(*store_, 0, [&](auto batches) { again.Replay(batches); }).ok());
  EXPECT_EQ(again.Stats().num_samples, 2u) << "the newest, and the one that came after the cut";
  EXPECT_EQ(again.Stats().range.min, kStart + 2 * kMinute);
}

}  // namespace
}  // namespace tidemark::tsdb
