#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "base/io/hash.h"
#include "base/run/fake_clock.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tests/testing/small_disk.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_blocks.h"
#include "tsdb/db.h"

// A store on a disk that has no space left: it serves what it has, says why it takes no more, and
// takes more again as soon as there is space, however that came about.

namespace tidemark::tsdb {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::StoredSamples;

constexpr TimestampMs kNow = 1'700'000'000'000;
constexpr int kMegabytes = 24;

class DbDiskFullTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << "NOT TESTED: needs the right to mount a tmpfs";
    Open();
  }

  void Open() {
    db_.reset();
    metrics_ = std::make_unique<MetricRegistry>();
    auto db = Db::Open(options_, clock_, *metrics_);
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
  }
  // A sample a second, for so many seconds, of some series; the next call goes on there.
  absl::Status Append(int seconds) {
    const StoredSamples samples =
        testing::MakeStoredSamples(20, next_, next_ + seconds * kSecond, kSecond, 0);
    RETURN_IF_ERROR(testing::Append(samples, *db_));
    next_ += seconds * kSecond;
    for (const auto& [labels, by_time] : samples)
      stored_[labels].insert(by_time.begin(), by_time.end());
    return absl::OkStatus();
  }
  // Samples that take as much space as they can, a second apart from next_ on.
  StoredSamples Noise(int num_series, DurationMs duration) const {
    StoredSamples samples =
        testing::MakeStoredSamples(num_series, next_, next_ + duration, kSecond, 0);
    for (auto& [labels, by_time] : samples) {
      for (auto& [t, bits] : by_time) bits = StableHash64(StrCat(labels.ToString(), t));
    }
    return samples;
  }
  // Fills the disk and appends until that fails.
  void FillUp() {
    disk_.Fill();
    absl::Status appended;
    for (int i = 0; appended.ok() && i < 1000; ++i) appended = Append(50);
    EXPECT_TRUE(absl::IsResourceExhausted(appended)) << appended;
  }
  void ExpectServesAll() {
    const auto found = testing::ReadAll(*db_->NewQuerier());
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_TRUE(*found == stored_) << "other samples than those acknowledged";
  }
  double Metric(std::string_view name) const { return metrics_->AddGauge(name, "").Value(); }
  double Count(std::string_view name) const { return metrics_->AddCounter(name, "").Value(); }
  // Lets the store's own threads have their rounds until `is_so`.
  void RunUntil(const std::function<bool()>& is_so) {
    while (!is_so()) {
      clock_.Advance(kSecond);
      std::this_thread::yield();
    }
  }

  testing::TempDirectory directory_;
  testing::SmallDisk disk_{directory_.path() + "/disk", kMegabytes};
  FakeClock clock_{kNow};
  Options options_{.path = disk_.path() + "/data", .retention = 0, .max_future = 365 * kDay};
  TimestampMs next_ = kNow;
  StoredSamples stored_;
  std::unique_ptr<MetricRegistry> metrics_;
  std::unique_ptr<Db> db_;
};

TEST_F(DbDiskFullTest, RefusesServesAndRecovers) {
  ASSERT_TRUE(Append(10).ok());
  for (const bool starts_full : {false, true}) {
    SCOPED_TRACE(StrCat("started on the full disk: ", starts_full));
    FillUp();
    if (starts_full) {
      db_.reset();  // gives back what was set aside for its log
      disk_.Fill();
      Open();
    }
    ExpectServesAll();
    const double refused = Count("tidemark_tsdb_samples_refused_total");
    const absl::Status appended = Append(1);
    EXPECT_TRUE(absl::IsResourceExhausted(appended)) << appended;
    EXPECT_THAT(std::string(appended.message()), HasSubstr(options_.path));
    EXPECT_EQ(Count("tidemark_tsdb_samples_refused_total"), refused + 20);
    EXPECT_GE(Count("prometheus_tsdb_wal_writes_failed_total"), 1);
    RunUntil([&] { return Metric("tidemark_tsdb_journal_writable") == 0; });
    const auto matcher = LabelMatcher::Equal("i", "1");
    EXPECT_TRUE(absl::IsResourceExhausted(db_->Delete({&matcher, 1}, TimeRange()).status()));
    ExpectServesAll();

    disk_.Free();
    clock_.Advance(kSecond);  // between two attempts
    const absl::Status again = Append(1);
    EXPECT_TRUE(again.ok()) << again;
    ExpectServesAll();
  }
  Open();
  ExpectServesAll();
}

// Nobody appends: the store's own thread finds out.
TEST_F(DbDiskFullTest, RecoversWithoutAnAppend) {
  FillUp();
  RunUntil([&] { return Metric("tidemark_tsdb_journal_writable") == 0; });
  disk_.Free();
  RunUntil([&] { return Metric("tidemark_tsdb_journal_writable") == 1; });
  EXPECT_TRUE(Append(1).ok());
  ExpectServesAll();
}

// The journal itself is what fills the disk: a checkpoint takes its place once there is room for
// the one.
TEST_F(DbDiskFullTest, ACheckpointFreesSpace) {
  options_.checkpoint_bytes = 4096;
  options_.min_block_range = 365 * kDay;
  Open();
  ASSERT_TRUE(Append(1000).ok());
  FillUp();
  RunUntil([&] { return Metric("tidemark_tsdb_journal_writable") == 0; });
  const double full = Metric("prometheus_tsdb_wal_storage_size_bytes");
  disk_.Free();
  clock_.Advance(kMinute);
  const absl::Status maintained = db_->Maintain();
  EXPECT_TRUE(maintained.ok()) << maintained;
  RunUntil([&] { return Metric("prometheus_tsdb_wal_storage_size_bytes") < full; });
  EXPECT_EQ(Count("prometheus_tsdb_checkpoint_creations_total"), 1);
  ExpectServesAll();
  Open();
  ExpectServesAll();
}

// Blocks that the size limit takes give their space to the journal.
TEST_F(DbDiskFullTest, RetentionFreesSpace) {
  options_.min_block_range = options_.max_block_range = 10 * kMinute;
  Open();
  const testing::StoredSamples noise = Noise(80, 2 * kHour);
  ASSERT_TRUE(testing::Append(noise, *db_).ok());
  ASSERT_TRUE(db_->Maintain().ok());
  ASSERT_GT(db_->Blocks().size(), 10u);
  RunUntil([&] { return Metric("prometheus_tsdb_wal_storage_size_bytes") < 1 << 20; });
  next_ += 2 * kHour;
  FillUp();
  options_.max_bytes = 1 << 20;
  db_.reset();
  disk_.Fill();
  Open();
  EXPECT_TRUE(absl::IsResourceExhausted(Append(1)));
  db_->Maintain().IgnoreError();
  EXPECT_GE(Count("prometheus_tsdb_size_retentions_total"), 1);
  clock_.Advance(kSecond);
  const absl::Status again = Append(1);
  EXPECT_TRUE(again.ok()) << again;
}

}  // namespace
}  // namespace tidemark::tsdb
