#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <thread>

#include "absl/synchronization/mutex.h"

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_blocks.h"
#include "tsdb/db.h"

// Everything that a store does, at once: appends in and out of order, queries, cuts, checkpoints,
// merges, retention, deletions and snapshots. Above all for ThreadSanitizer; what must hold in the
// end is checked everywhere.

namespace tidemark::tsdb {
namespace {

using tidemark::testing::StoredSamples;

constexpr TimestampMs kStart = 1'700'000'000'000;
constexpr int kNumAppenders = 2, kNumReaders = 2, kNumRounds = 12, kBatchesPerRound = 20;
constexpr int kNumBatches = kNumRounds * kBatchesPerRound;
constexpr DurationMs kRetention = 100 * kSecond;

LabelSet Labels(int appender, int series) {
  return {{"__name__", "m"},
          {"appender", StrCat(appender)},
          {"kind", series % 3 == 0 ? "histogram" : ""},
          {"series", StrCat(series)}};
}

// A function of series and time alone, so that whoever reads can tell.
double ValueAt(const LabelSet& labels, TimestampMs t) {
  return static_cast<double>(t - kStart) + 0.001 * static_cast<double>(labels.Get("series").size());
}

// The samples of a batch: some series that stay, one that is new now and then, and a late one that
// falls into a range that may have been cut already.
StoredSamples Batch(int appender, int number) {
  constexpr int kNumSeries = 8, kBatchesPerSeries = 15;
  StoredSamples batch;
  const auto add = [&](int series, TimestampMs t) {
    const LabelSet labels = Labels(appender, series);
    testing::AddSample(labels, t, ValueAt(labels, t), batch);
  };
  const TimestampMs now = kStart + number * kSecond;
  for (int series = 0; series < kNumSeries; ++series) add(series, now);
  add(kNumSeries + number / kBatchesPerSeries, now);
  if (number % 4 == 3) add(number % kNumSeries, now - (number % 3 == 0 ? 25 : 1) * kSecond + 500);
  return batch;
}

// Appends a batch again as long as a series of it has left the store meanwhile.
void AppendWhole(const StoredSamples& batch, Db& db) {
  absl::Status appended;
  do {
    appended = testing::Append(batch, db);
  } while (absl::IsNotFound(appended));
  ASSERT_TRUE(appended.ok()) << appended;
}

class DbStressTest : public ::testing::Test {
 protected:
  DbStressTest() {
    options_.path = directory_.path() + "/data";
    options_.retention = kRetention;
    options_.min_block_range = 10 * kSecond;
    options_.max_block_range = 90 * kSecond;
    options_.checkpoint_bytes = 4096;
    options_.idle_interval = 0;
    options_.fsync = FsyncPolicy::kInterval;
    options_.fsync_interval = 1;
    options_.max_future = kDay;
    Open();
  }
  void Open() {
    db_.reset();
    auto db = Db::Open(options_, clock_, metrics_);
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
  }

  void Append(int appender) {
    for (int number = 0; number < kNumBatches; ++number) {
      {
        absl::MutexLock lock(&mu_);
        const auto may = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
          return number < kBatchesPerRound * (num_rounds_ + 1);
        };
        mu_.Await(absl::Condition(&may));
      }
      AppendWhole(Batch(appender, number), *db_);
      clock_.Advance(kSecond / 2);
      absl::MutexLock lock(&mu_);
      ++num_batches_;
    }
    --num_appending_;
  }
  void Read() {
    while (num_appending_ > 0) {
      const auto found = testing::ReadAll(*db_->NewQuerier());
      ASSERT_TRUE(found.ok()) << found.status();
      CheckValues(*found);
      ASSERT_TRUE(db_->NewQuerier()->LabelValues("series", {}, TimeRange()).ok());
      db_->Stats();
      db_->LabelPairs();
    }
  }
  // What is deleted is not looked at; that all else stays is.
  void Delete() {
    const auto matcher = LabelMatcher::Equal("__name__", "doomed");
    while (num_appending_ > 0) {
      const TimestampMs newest = db_->Stats().range.max;
      StoredSamples doomed;
      testing::AddSample({{"__name__", "doomed"}}, newest, 1, doomed);
      testing::Append(doomed, *db_).IgnoreError();  // it may have left, or be known
      const auto deleted =
          db_->Delete({&matcher, 1}, {SaturatingSubtract(newest, kMinute), newest});
      ASSERT_TRUE(deleted.ok()) << deleted.status();
    }
  }
  void Maintain() {
    for (int round = 0; round < kNumRounds; ++round) {
      {
        // Beside the batches of this round, after those before: no appender stays behind.
        absl::MutexLock lock(&mu_);
        const auto may = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
          return num_batches_ >= kNumAppenders * kBatchesPerRound * round;
        };
        mu_.Await(absl::Condition(&may));
      }
      const absl::Status maintained = db_->Maintain();
      ASSERT_TRUE(maintained.ok()) << maintained;
      if (round % 4 == 1) {
        const absl::Status cleaned = db_->CleanTombstones();
        ASSERT_TRUE(cleaned.ok()) << cleaned;
      }
      absl::MutexLock lock(&mu_);
      ++num_rounds_;
    }
  }
  void Snapshot() {
    for (int i = 0; num_appending_ > 0; ++i) {
      const auto name = db_->Snapshot(/*skip_head=*/i % 2 == 1);
      ASSERT_TRUE(name.ok()) << name.status();
      Options options = options_;
      options.path = StrCat(options_.path, "/snapshots/", *name);
      options.retention = 0;
      MetricRegistry metrics;
      auto db = Db::Open(options, clock_, metrics);
      ASSERT_TRUE(db.ok()) << db.status();
      const auto found = testing::ReadAll(*(*db)->NewQuerier());
      ASSERT_TRUE(found.ok()) << found.status();
      CheckValues(*found);
      db->reset();
      std::filesystem::remove_all(options.path);
    }
  }

  static void CheckValues(const StoredSamples& found) {
    for (const auto& [labels, samples] : found) {
      if (labels.Get("__name__") != "m") continue;
      for (const auto& [t, bits] : samples) {
        ASSERT_EQ(std::bit_cast<double>(bits), ValueAt(labels, t)) << labels.ToString() << " " << t;
      }
    }
  }
  // Everything that the retention may not have taken, and nothing that was never there.
  void CheckAll() {
    const auto found = testing::ReadAll(*db_->NewQuerier());
    ASSERT_TRUE(found.ok()) << found.status();
    CheckValues(*found);
    StoredSamples want;
    for (int appender = 0; appender < kNumAppenders; ++appender) {
      for (int number = 0; number < kNumBatches; ++number) {
        for (const auto& [labels, samples] : Batch(appender, number)) {
          want[labels].insert(samples.begin(), samples.end());
        }
      }
    }
    const TimestampMs newest = kStart + (kNumBatches - 1) * kSecond;
    for (const auto& [labels, samples] : want) {
      const auto series = found->find(labels);
      for (const auto& [t, bits] : samples) {
        if (t < newest - kRetention) continue;
        ASSERT_TRUE(series != found->end() && series->second.contains(t)) << labels.ToString() << t;
      }
    }
    for (const auto& [labels, samples] : *found) {
      if (labels.Get("__name__") != "m") continue;
      for (const auto& [t, bits] : samples) {
        ASSERT_TRUE(want[labels].contains(t)) << "never stored: " << labels.ToString() << t;
      }
    }
  }

  testing::TempDirectory directory_;
  FakeClock clock_{kStart};
  MetricRegistry metrics_;
  Options options_;
  std::unique_ptr<Db> db_;
  std::atomic<int> num_appending_{kNumAppenders};
  absl::Mutex mu_;
  int num_rounds_ ABSL_GUARDED_BY(mu_) = 0;
  int num_batches_ ABSL_GUARDED_BY(mu_) = 0;  // of all appenders
};

TEST_F(DbStressTest, EverythingAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kNumAppenders; ++i) threads.emplace_back([this, i] { Append(i); });
  for (int i = 0; i < kNumReaders; ++i) threads.emplace_back([this] { Read(); });
  threads.emplace_back([this] { Delete(); });
  threads.emplace_back([this] { Maintain(); });
  threads.emplace_back([this] { Snapshot(); });
  for (std::thread& thread : threads) thread.join();
  ASSERT_FALSE(HasFatalFailure());
  CheckAll();
  EXPECT_GT(metrics_.AddCounter("prometheus_tsdb_head_truncations_total", "").Value(), 0);
  EXPECT_GT(metrics_.AddCounter("prometheus_tsdb_checkpoint_creations_total", "").Value(), 0);
  EXPECT_GT(metrics_.AddCounter("prometheus_tsdb_compactions_total", "").Value(), 0);
  EXPECT_GT(metrics_.AddCounter("prometheus_tsdb_time_retentions_total", "").Value(), 0);
  Open();
  CheckAll();
}

}  // namespace
}  // namespace tidemark::tsdb
