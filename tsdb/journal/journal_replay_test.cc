#include "tsdb/journal/journal_replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/run/fake_clock.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/journal/journal_writer.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;

class JournalReplayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = KvStore::Open({directory_.path() + "/kv", {"journal"}});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  static std::string Record(double value) {
    std::string record;
    const SeriesSample sample{SeriesRef{1}, 1000, value};
    EncodeJournalRecord({.samples = {&sample, 1}}, &record);
    return record;
  }
  void Put(uint64_t number, std::string_view record) {
    const std::string key = JournalKey(number);
    const KvStore::Write write{0, key, record};
    ASSERT_TRUE(store_->Put({&write, 1}).ok());
  }
  ReplayStats Replay(uint64_t first_number = 1, uint32_t num_series = 0) {
    values_.clear();
    const auto apply = [&](std::span<const NumberedBatch> batches) {
      for (const auto& [number, batch] : batches) {
        values_.emplace_back(number, batch->samples.at(0).value);
      }
    };
    const auto stats = ReplayJournal(*store_, 0, first_number, apply, num_series);
    EXPECT_TRUE(stats.ok()) << stats.status();
    return stats.ok() ? *stats : ReplayStats();
  }

  testing::TempDirectory directory_;
  std::unique_ptr<KvStore> store_;
  std::vector<std::pair<uint64_t, double>> values_;
};

TEST_F(JournalReplayTest, AnEmptyJournal) {
  EXPECT_EQ(Replay().last_number, 0u);
  EXPECT_TRUE(values_.empty());
}

TEST_F(JournalReplayTest, HandsOnWhatTheWriterWrote) {
  FakeClock clock(0);
  {
    JournalWriter writer(*store_, clock, {.fsync = FsyncPolicy::kEveryBatch, .next_number = 255});
    for (int i = 0; i < 3; ++i) {
      const auto number = writer.Append(Record(i));
      ASSERT_TRUE(number.ok()) << number.status();
      EXPECT_EQ(*number, 255u + static_cast<uint64_t>(i));
      EXPECT_TRUE(writer.AwaitDurable(*number).ok());
    }
  }
  const ReplayStats stats = Replay();
  EXPECT_EQ(stats.num_batches, 3u);
  EXPECT_EQ(stats.num_samples, 3u);
  EXPECT_EQ(stats.num_damaged, 0u);  // that the journal starts at 255 is no loss
  EXPECT_EQ(stats.last_number, 257u);
  using Pair = std::pair<uint64_t, double>;
  EXPECT_THAT(values_, ElementsAre(Pair{255, 0}, Pair{256, 1}, Pair{257, 2}));
}

TEST_F(JournalReplayTest, PassesOverDamage) {
  std::string damaged = Record(3);
  damaged[damaged.size() / 2] ^= 1;
  Put(1, Record(1));
  Put(2, "");
  Put(3, damaged);
  Put(4, Record(4));
  Put(7, Record(7));  // 5 and 6 are missing
  Put(8, damaged);
  const ReplayStats stats = Replay();
  EXPECT_EQ(stats.num_batches, 3u);
  EXPECT_EQ(stats.num_damaged, 5u);
  EXPECT_EQ(stats.last_number, 8u);
  using Pair = std::pair<uint64_t, double>;
  EXPECT_THAT(values_, ElementsAre(Pair{1, 1}, Pair{4, 4}, Pair{7, 7}));
}

TEST_F(JournalReplayTest, StartsAtANumber) {
  for (const uint64_t number : {1, 2, 5, 6}) Put(number, Record(static_cast<double>(number)));
  struct Case {
    uint64_t first;
    uint64_t num_batches, num_damaged, last_number;
  };
  constexpr Case kCases[] = {{0, 4, 2, 6}, {1, 4, 2, 6}, {2, 3, 2, 6}, {3, 2, 2, 6},
                             {5, 2, 0, 6}, {6, 1, 0, 6}, {7, 0, 0, 6}, {100, 0, 0, 99}};
  for (const Case& c : kCases) {
    const ReplayStats stats = Replay(c.first);
    EXPECT_EQ(stats.num_batches, c.num_batches) << c.first;
    EXPECT_EQ(stats.num_damaged, c.num_damaged) << c.first;
    EXPECT_EQ(stats.last_number, c.last_number) << c.first;
    EXPECT_EQ(stats.num_bytes, c.num_batches * Record(0).size()) << c.first;
  }
}

TEST_F(JournalReplayTest, ASeriesFarBeyondTheKnownIsDamage) {
  const auto naming = [](uint64_t ref) {
    std::string record;
    const NewSeries series{SeriesRef{ref}, "labels"};
    const SeriesSample sample{SeriesRef{ref}, 1000, 1};
    EncodeJournalRecord({.new_series = {&series, 1}, .samples = {&sample, 1}}, &record);
    return record;
  };
  Put(1, naming(kMaxSeriesGap));
  Put(2, naming(~uint32_t{0}));
  Put(3, naming(2 * kMaxSeriesGap));
  Put(4, naming(uint64_t{7} << 32 | 1));  // a generation is no such number
  EXPECT_EQ(Replay().num_damaged, 1u);
  EXPECT_EQ(values_.size(), 3u);
  EXPECT_EQ(Replay(3).num_damaged, 1u);
  EXPECT_EQ(Replay(3, kMaxSeriesGap).num_damaged, 0u);
}

TEST_F(JournalReplayTest, DroppedBatchesAreNeitherReadNorMissed) {
  FakeClock clock(0);
  JournalWriter writer(*store_, clock, {.fsync = FsyncPolicy::kNever});
  for (int i = 1; i <= 10; ++i) ASSERT_TRUE(writer.Append(Record(i)).ok());
  const uint64_t bytes = Record(0).size();
  EXPECT_EQ(writer.bytes_since_drop(), 10 * bytes);
  ASSERT_TRUE(writer.DropBefore(8).ok());
  EXPECT_EQ(writer.bytes_since_drop(), 3 * bytes);
  ASSERT_TRUE(writer.DropBefore(4).ok());  // nothing is there any more
  EXPECT_EQ(writer.bytes_since_drop(), 3 * bytes);
  for (const uint64_t first : {uint64_t{1}, uint64_t{8}}) {
    const ReplayStats stats = Replay(first);
    EXPECT_EQ(stats.num_batches, 3u);
    EXPECT_EQ(stats.num_damaged, 0u);
    EXPECT_EQ(stats.last_number, 10u);
  }
  ASSERT_TRUE(writer.DropBefore(11).ok());
  EXPECT_EQ(writer.bytes_since_drop(), 0u);
  ASSERT_TRUE(writer.Append(Record(11)).ok());
  EXPECT_EQ(writer.bytes_since_drop(), bytes);
  EXPECT_EQ(Replay(11).num_batches, 1u);
}

// A store of which batches 3 to 6, the last ones, cannot be read.
class DamagedIterator : public KvIterator {
 public:
  explicit DamagedIterator(std::string record) : record_(std::move(record)) {}
  void Seek(std::string_view key) override { MoveTo(key.empty() ? 1 : JournalNumber(key)); }
  void SeekForPrev(std::string_view key) override { Seek(key); }
  void SeekToFirst() override { MoveTo(1); }
  void SeekToLast() override { MoveTo(6); }
  void Next() override { MoveTo(number_ + 1); }
  bool Valid() const override { return number_ <= 2; }
  std::string_view key() const override { return key_; }
  std::string_view value() const override { return record_; }
  absl::Status status() const override {
    return number_ <= 2 || number_ > 6 ? absl::OkStatus() : absl::DataLossError("bad block");
  }

 private:
  void MoveTo(uint64_t number) {
    number_ = number;
    key_ = JournalKey(number);
  }

  const std::string record_;
  uint64_t number_ = 0;
  std::string key_;
};

class DamagedStore : public KvStore {
 public:
  explicit DamagedStore(std::string record) : record_(std::move(record)) {}
  absl::Status Put(std::span<const Write>) override { return absl::OkStatus(); }
  absl::Status DeleteRange(size_t, std::string_view, std::string_view) override {
    return absl::OkStatus();
  }
  absl::Status DropBefore(size_t, std::string_view) override { return absl::OkStatus(); }
  bool is_read_only() const override { return false; }
  absl::Status Sync() override { return absl::OkStatus(); }
  absl::Status Recover() override { return absl::OkStatus(); }
  absl::StatusOr<std::unique_ptr<KvIterator>> NewIterator(size_t) const override {
    return std::make_unique<DamagedIterator>(record_);
  }
  uint64_t DiskBytes() const override { return 0; }
  absl::Status Close() override { return absl::OkStatus(); }

 private:
  const std::string record_;
};

// A batch written under one of their numbers would be lost with them: RocksDB reads nothing in the
// range of a damaged block.
TEST_F(JournalReplayTest, NumbersOfAnUnreadableEndAreNotUsedAgain) {
  const auto stats = ReplayJournal(DamagedStore(Record(1)), 0, [](auto) {});
  ASSERT_TRUE(stats.ok()) << stats.status();
  EXPECT_EQ(stats->num_batches, 2u);
  EXPECT_EQ(stats->num_damaged, 4u);
  EXPECT_EQ(stats->last_number, 6u);
}

TEST(JournalKeyTest, OrdersAsNumbersDo) {
  EXPECT_LT(JournalKey(255), JournalKey(256));
  EXPECT_EQ(JournalNumber(JournalKey(0x0123456789abcdef)), 0x0123456789abcdefu);
  EXPECT_EQ(JournalNumber("short"), 0u);
}

}  // namespace
}  // namespace tidemark::tsdb
