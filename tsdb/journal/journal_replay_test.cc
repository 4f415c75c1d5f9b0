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
    EncodeJournalRecord({}, {&sample, 1}, &record);
    return record;
  }
  void Put(uint64_t number, std::string_view record) {
    const std::string key = JournalKey(number);
    const KvStore::Write write{0, key, record};
    ASSERT_TRUE(store_->Put({&write, 1}).ok());
  }
  ReplayStats Replay() {
    values_.clear();
    const auto stats = ReplayJournal(*store_, 0, [&](uint64_t number, const JournalBatch& batch) {
      values_.emplace_back(number, batch.samples.at(0).value);
    });
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
  const auto stats = ReplayJournal(DamagedStore(Record(1)), 0, [](uint64_t, const auto&) {});
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
