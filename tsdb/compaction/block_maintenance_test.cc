#include "tsdb/compaction/block_maintenance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/file_size_limit.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_blocks.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MakeStoredSamples;
using ::testing::Not;
using testing::ReadBlocks;
using testing::StoredSamples;

bool Never() { return false; }

class BlockMaintenanceTest : public ::testing::Test {
 protected:
  void SetUp() override { Open({}); }
  void Open(BlockMaintenance::Options options) {
    options.ranges = {20, 60, 180};
    maintenance_.reset();
    blocks_.reset();
    metrics_.emplace();
    auto blocks = BlockSet::Open(directory_.path(), nullptr, *metrics_);
    ASSERT_TRUE(blocks.ok()) << blocks.status();
    blocks_ = *std::move(blocks);
    maintenance_.emplace(*blocks_, options, RetentionLimits(), clock_, *metrics_);
  }

  // A block [min, max) with three series and a sample of each every two milliseconds.
  std::string Add(TimestampMs min, TimestampMs max, int seed = 0) {
    BlockMeta meta;
    meta.ulid = NewUlid(clock_.Now());
    meta.min_time = min;
    meta.max_time = max;
    const auto written = testing::WriteBlock(blocks_->blocks_directory(), meta,
                                             MakeStoredSamples(3, min, max, 2, seed));
    EXPECT_TRUE(written.ok()) << written.status();
    EXPECT_TRUE(blocks_->Replace({*written}, {}).ok());
    return meta.ulid;
  }
  absl::Status Run(BlockMaintenance::Store store = {}) { return maintenance_->Run(store, Never); }
  StoredSamples Samples() const { return *ReadBlocks(*blocks_->Current()); }
  std::vector<TimeRange> Ranges() const {
    std::vector<TimeRange> ranges;
    const std::shared_ptr<const BlockList> current = blocks_->Current();
    for (const auto& block : *current) {
      ranges.push_back({block->meta().min_time, block->meta().max_time});
    }
    return ranges;
  }
  std::vector<LabelMatcher> Series(std::string_view i) const {
    return {*LabelMatcher::Create("i", MatchOp::kEqual, i)};
  }
  size_t NumOnDisk() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(blocks_->blocks_directory()),
                                             fs::directory_iterator()));
  }
  // Damages the samples in such a way that opening does not see it.
  void DamageChunks(const std::string& ulid) {
    std::fstream file(StrCat(blocks_->blocks_directory(), "/", ulid, "/", kChunksFile),
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file.write("\xff\x00\xff", 3);
  }

  const testing::TempDirectory directory_;
  FakeClock clock_{1'700'000'000'000};
  std::optional<MetricRegistry> metrics_;
  std::unique_ptr<BlockSet> blocks_;
  std::optional<BlockMaintenance> maintenance_;
};

TEST_F(BlockMaintenanceTest, NothingToDo) {
  EXPECT_TRUE(Run().ok());
  EXPECT_TRUE(maintenance_->CleanTombstones(Never).ok());
  EXPECT_EQ(maintenance_->Delete({}, TimeRange()).value(), 0U);
}

TEST_F(BlockMaintenanceTest, MergesUntilNothingIsLeftToMerge) {
  for (TimestampMs t = 0; t < 260; t += 20) Add(t, t + 20);
  Add(30, 50, 1);  // overlaps two of them
  const StoredSamples samples = Samples();
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(Ranges(), ElementsAre(TimeRange{0, 180}, TimeRange{180, 240}, TimeRange{240, 260}));
  EXPECT_EQ(Samples(), samples);
  EXPECT_EQ(NumOnDisk(), 3U);
  EXPECT_THAT(metrics_->Expose(), HasSubstr("prometheus_tsdb_compactions_triggered_total 1"));
  EXPECT_THAT(metrics_->Expose(), HasSubstr("prometheus_tsdb_vertical_compactions_total 1"));
  EXPECT_THAT(metrics_->Expose(), HasSubstr("prometheus_tsdb_compactions_total 6"));
  Open({});
  EXPECT_EQ(Samples(), samples);
}

TEST_F(BlockMaintenanceTest, StopEndsARound) {
  for (TimestampMs t = 0; t < 80; t += 20) Add(t, t + 20);
  int asked = 0;
  EXPECT_TRUE(maintenance_->Run({}, [&] { return ++asked > 2; }).ok());
  EXPECT_EQ(Ranges().size(), 4U);
  EXPECT_EQ(NumOnDisk(), 4U);
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(Ranges().size(), 2U) << "no failure, nothing is put off";
}

TEST_F(BlockMaintenanceTest, Retention) {
  for (TimestampMs t = 0; t < 80; t += 20) Add(t, t + 20);
  maintenance_->SetRetention({40, 0});
  ASSERT_TRUE(Run({0, 79}).ok());
  EXPECT_THAT(Ranges(), ElementsAre(TimeRange{20, 40}, TimeRange{40, 60}, TimeRange{60, 80}))
      << "the oldest goes before it is merged with others";
  EXPECT_THAT(metrics_->Expose(), HasSubstr("prometheus_tsdb_time_retentions_total 1"));
  EXPECT_THAT(metrics_->Expose(), HasSubstr("prometheus_tsdb_retention_limit_seconds 0.04"));

  const uint64_t bytes = blocks_->Current()->back()->disk_bytes();
  maintenance_->SetRetention({0, bytes + 1000});
  ASSERT_TRUE(Run({1000, 79}).ok());
  EXPECT_THAT(Ranges(), ElementsAre(TimeRange{60, 80}));
  EXPECT_THAT(metrics_->Expose(), HasSubstr("prometheus_tsdb_size_retentions_total 1"));
  ASSERT_TRUE(Run({1001, 79}).ok());
  EXPECT_THAT(Ranges(), IsEmpty()) << "head and journal count";
  EXPECT_EQ(NumOnDisk(), 0U);
}

TEST_F(BlockMaintenanceTest, DeletedSamplesAreGoneAtOnceAndRewritten) {
  Add(0, 20);
  Add(20, 40);
  EXPECT_EQ(maintenance_->Delete(Series("1"), {10, 29}).value(), 2U);
  StoredSamples want = MakeStoredSamples(3, 0, 40, 2, 0);
  std::erase_if(want[LabelSet{{"__name__", "m"}, {"i", "1"}}], [](const auto& sample) {
    return TimeRange{10, 29}.Contains(sample.first);
  });
  EXPECT_EQ(Samples(), want);
  ASSERT_TRUE(maintenance_->CleanTombstones(Never).ok());
  EXPECT_EQ(Samples(), want);
  for (size_t i = 0; i < blocks_->Current()->size(); ++i) {
    EXPECT_EQ(blocks_->Current()->at(i)->num_tombstones(), 0U);
  }
  EXPECT_EQ(Ranges().size(), 2U);

  ASSERT_TRUE(maintenance_->Delete({}, {0, 19}).ok());
  ASSERT_TRUE(maintenance_->CleanTombstones(Never).ok());
  EXPECT_THAT(Ranges(), ElementsAre(TimeRange{20, 40})) << "a block without samples goes";
  EXPECT_EQ(NumOnDisk(), 1U);
}

TEST_F(BlockMaintenanceTest, CleaningCanBeStopped) {
  Add(0, 20);
  ASSERT_TRUE(maintenance_->Delete(Series("1"), TimeRange()).ok());
  const absl::Status status = maintenance_->CleanTombstones([] { return true; });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(NumOnDisk(), 1U);
}

TEST_F(BlockMaintenanceTest, ADeletionDuringAMergeIsNotLost) {
  for (TimestampMs t = 0; t < 80; t += 20) Add(t, t + 20);
  int asked = 0;
  const auto delete_on_the_way = [&] {
    // After the first series has been merged.
    if (++asked == 3) {
      EXPECT_TRUE(maintenance_->Delete(Series("0"), {0, 29}).ok());
    }
    return false;
  };
  ASSERT_TRUE(maintenance_->Run({}, delete_on_the_way).ok());
  EXPECT_THAT(Ranges(), ElementsAre(TimeRange{0, 60}, TimeRange{60, 80}));
  StoredSamples want = MakeStoredSamples(3, 0, 80, 2, 0);
  std::erase_if(want[LabelSet{{"__name__", "m"}, {"i", "0"}}],
                [](const auto& sample) { return sample.first <= 29; });
  EXPECT_EQ(Samples(), want);
  Open({});
  EXPECT_EQ(Samples(), want);
}

TEST_F(BlockMaintenanceTest, AFullDiskPutsMergesOffAndLosesNothing) {
  for (TimestampMs t = 0; t < 80; t += 20) Add(t, t + 20);
  const StoredSamples samples = Samples();
  {
    const testing::FileSizeLimit full(100);
    EXPECT_FALSE(Run().ok());
  }
  EXPECT_EQ(Ranges().size(), 4U);
  EXPECT_EQ(NumOnDisk(), 4U);
  EXPECT_EQ(Samples(), samples);
  EXPECT_THAT(metrics_->Expose(), HasSubstr("prometheus_tsdb_compactions_failed_total 1"));

  clock_.Advance(kMinute - 1);
  EXPECT_TRUE(Run().ok());
  EXPECT_EQ(Ranges().size(), 4U) << "not yet";
  clock_.Advance(1);
  EXPECT_TRUE(Run().ok());
  EXPECT_EQ(Ranges().size(), 2U);
  EXPECT_EQ(Samples(), samples);
}

TEST_F(BlockMaintenanceTest, RetriesComeFurtherApartAndRetentionGoesOn) {
  for (TimestampMs t = 0; t < 80; t += 20) Add(t, t + 20);
  Open({.ranges = {}, .reserve_bytes = uint64_t{1} << 62});  // more than any disk has
  DurationMs waited = 0;
  for (const DurationMs want : {1, 2, 4, 8, 16, 32, 60, 60}) {
    EXPECT_EQ(Run().code(), absl::StatusCode::kResourceExhausted);
    clock_.Advance(want * kMinute - 1);
    EXPECT_TRUE(Run().ok()) << "nothing is tried after " << waited;
    clock_.Advance(1);
    waited += want;
  }
  maintenance_->SetRetention({20, 0});
  EXPECT_TRUE(Run({0, 79}).ok());
  EXPECT_THAT(Ranges(), ElementsAre(TimeRange{40, 60}, TimeRange{60, 80}));
}

TEST_F(BlockMaintenanceTest, ADamagedBlockIsSetAsideAndTheRestMerged) {
  Add(0, 20);
  const std::string bad = Add(20, 40);
  Add(40, 60);
  Add(60, 80);
  DamageChunks(bad);
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(Ranges(), ElementsAre(TimeRange{0, 60}, TimeRange{60, 80}));
  StoredSamples want = MakeStoredSamples(3, 0, 80, 2, 0);
  for (auto& [labels, samples] : want) {
    std::erase_if(samples, [](const auto& s) { return TimeRange{20, 39}.Contains(s.first); });
  }
  EXPECT_EQ(Samples(), want);
  EXPECT_TRUE(fs::exists(StrCat(directory_.path(), "/damaged/", bad)));
  EXPECT_THAT(metrics_->Expose(), HasSubstr("tidemark_tsdb_blocks_damaged_total 1"));
}

TEST_F(BlockMaintenanceTest, SnapshotsStayAsTheyAre) {
  Add(0, 20);
  Add(20, 40);
  ASSERT_TRUE(maintenance_->Delete(Series("0"), {0, 9}).ok());
  const StoredSamples samples = Samples();
  const std::string snapshot = directory_.path() + "/snapshots/one";
  ASSERT_TRUE(maintenance_->Snapshot(snapshot).ok());
  EXPECT_FALSE(maintenance_->Snapshot(snapshot).ok()) << "it exists";

  ASSERT_TRUE(maintenance_->Delete(Series("1"), {0, 29}).ok());
  maintenance_->SetRetention({10, 0});
  ASSERT_TRUE(Run({0, 1000}).ok());
  EXPECT_EQ(NumOnDisk(), 0U);
  MetricRegistry metrics;
  const auto copy = BlockSet::Open(snapshot, nullptr, metrics);
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ((*copy)->Current()->size(), 2U);
  EXPECT_EQ(*ReadBlocks(*(*copy)->Current()), samples);
}

}  // namespace
}  // namespace tidemark::tsdb
