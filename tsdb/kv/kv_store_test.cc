#include "tsdb/kv/kv_store.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <map>
#include <random>

#include "tests/testing/file_size_limit.h"
#include "tests/testing/small_disk.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tsdb {
namespace {

class KvStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    store_.reset();
    auto store = KvStore::Open(options_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  absl::Status Put(size_t family, std::string_view key, std::string_view value) {
    const KvStore::Write write{family, key, value};
    return store_->Put({&write, 1});
  }
  std::map<std::string, std::string> Contents(size_t family) {
    std::map<std::string, std::string> found;
    const auto it = store_->NewIterator(family);
    EXPECT_TRUE(it.ok()) << it.status();
    for ((*it)->Seek(""); (*it)->Valid(); (*it)->Next()) {
      found.emplace((*it)->key(), (*it)->value());
    }
    EXPECT_TRUE((*it)->status().ok());
    return found;
  }

  // Calls DropBefore until no more than `max_bytes` are on the disk. The files that were being
  // written are done within moments; a minute is only there to say what stayed instead of waiting
  // for ever.
  ::testing::AssertionResult DropUntil(std::string_view key, uint64_t max_bytes) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    do {
      const absl::Status dropped = store_->DropBefore(0, key);
      if (!dropped.ok()) return ::testing::AssertionFailure() << dropped;
      if (store_->DiskBytes() <= max_bytes) return ::testing::AssertionSuccess();
    } while (std::chrono::steady_clock::now() < give_up);
    auto failure = ::testing::AssertionFailure() << "stayed:";
    for (const auto& file : std::filesystem::directory_iterator(options_.path)) {
      failure << "\n  " << file.path().filename() << " " << file.file_size();
    }
    return failure;
  }

  testing::TempDirectory directory_;
  KvStore::Options options_{directory_.path() + "/kv", {"first", "second"}};
  std::unique_ptr<KvStore> store_;
};

using Map = std::map<std::string, std::string>;

TEST_F(KvStoreTest, KeepsFamiliesApartAndAcrossOpening) {
  const KvStore::Write writes[] = {{0, "b", "1"}, {1, "b", "2"}, {0, "a", ""}};
  ASSERT_TRUE(store_->Put(writes).ok());
  Open();
  EXPECT_EQ(Contents(0), (Map{{"a", ""}, {"b", "1"}}));
  EXPECT_EQ(Contents(1), (Map{{"b", "2"}}));
  EXPECT_GT(store_->DiskBytes(), 0u);
}

TEST_F(KvStoreTest, DeletesRanges) {
  for (const std::string_view key : {"a", "b", "c", "d"}) ASSERT_TRUE(Put(0, key, key).ok());
  ASSERT_TRUE(store_->DeleteRange(0, "b", "d").ok());
  EXPECT_EQ(Contents(0), (Map{{"a", "a"}, {"d", "d"}}));
}

TEST_F(KvStoreTest, SeeksToTheNextKey) {
  ASSERT_TRUE(Put(0, "b", "1").ok());
  const auto it = *store_->NewIterator(0);
  it->Seek("a");
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "b");
  it->Seek("c");
  EXPECT_FALSE(it->Valid());
  it->SeekToLast();
  EXPECT_EQ(it->key(), "b");
}

TEST_F(KvStoreTest, ClosedIsUnavailable) {
  ASSERT_TRUE(store_->Close().ok());
  EXPECT_TRUE(store_->Close().ok());
  EXPECT_TRUE(absl::IsUnavailable(Put(0, "a", "b")));
  EXPECT_TRUE(absl::IsUnavailable(store_->Sync()));
  EXPECT_TRUE(absl::IsUnavailable(store_->Recover()));
  EXPECT_TRUE(absl::IsUnavailable(store_->NewIterator(0).status()));
}

std::string BigEndian(uint32_t number) {
  std::string key(4, '\0');
  for (size_t i = key.size(); i-- > 0; number >>= 8) key[i] = static_cast<char>(number);
  return key;
}

// What was dropped takes no space, neither in tables nor in the log.
TEST_F(KvStoreTest, DropsWhatIsBeforeAKey) {
  constexpr uint32_t kNumKeys = 90;
  std::mt19937_64 random(20240611);
  std::string value(1 << 20, '\0');
  for (uint32_t i = 0; i < kNumKeys; ++i) {
    for (size_t at = 0; at < value.size(); at += 8) {
      const uint64_t bits = random();
      std::memcpy(value.data() + at, &bits, sizeof(bits));
    }
    ASSERT_TRUE(Put(0, BigEndian(i), value).ok());
    if (i % 40 != 39) continue;
    ASSERT_TRUE(store_->DropBefore(0, BigEndian(i - 10)).ok());
  }
  ASSERT_TRUE(store_->DropBefore(0, BigEndian(kNumKeys - 2)).ok());
  ASSERT_TRUE(store_->DropBefore(0, BigEndian(kNumKeys - 2)).ok());  // again, to no effect
  // A file that was being written during one call goes with a later one. What stays are at most
  // the file and the log that the last two keys share with as many others as fill a buffer.
  ASSERT_TRUE(DropUntil(BigEndian(kNumKeys - 2), 24u << 20));
  Open();
  const Map contents = Contents(0);
  EXPECT_EQ(contents.size(), 2u);
  EXPECT_EQ(contents.count(BigEndian(kNumKeys - 1)), 1u);
  ASSERT_TRUE(DropUntil(BigEndian(kNumKeys), 1u << 20));
  EXPECT_TRUE(Contents(0).empty());
}

TEST_F(KvStoreTest, WhatWasPutBeforeAFailureCanBeSyncedAndRead) {
  ASSERT_TRUE(Put(0, "before", "1").ok());
  const testing::FileSizeLimit limit(64 << 10);
  absl::Status status;
  for (int i = 0; status.ok() && i < 100; ++i) status = Put(0, "big", std::string(8 << 10, 'x'));
  EXPECT_TRUE(absl::IsAborted(Put(0, "after", "2")));
  EXPECT_TRUE(absl::IsAborted(store_->DropBefore(0, "z")));
  EXPECT_TRUE(store_->Sync().ok());
  EXPECT_EQ(Contents(0).count("before"), 1u);
  EXPECT_TRUE(absl::IsUnavailable(store_->Recover()));
  EXPECT_EQ(Contents(0).count("before"), 1u);
}

TEST_F(KvStoreTest, AFullDiskOpensForReadingAndRecovers) {
  const testing::SmallDisk disk(directory_.path() + "/disk", 8);
  if (!disk.mounted()) GTEST_SKIP() << "NOT TESTED: needs the right to mount a tmpfs";
  options_.path = directory_.path() + "/disk/kv";
  Open();
  ASSERT_TRUE(Put(0, "before", "1").ok());
  for (const bool is_full_at_start : {false, true}) {
    if (is_full_at_start) store_.reset();
    disk.Fill();
    if (is_full_at_start) {
      Open();
      EXPECT_TRUE(store_->is_read_only());
      EXPECT_TRUE(absl::IsAborted(Put(0, "big", "x")));
    } else {
      absl::Status put;
      for (int i = 0; put.ok() && i < 10'000; ++i) put = Put(0, "big", std::string(999, 'x'));
      EXPECT_TRUE(absl::IsResourceExhausted(put)) << put;
    }
    EXPECT_TRUE(store_->Sync().ok());
    EXPECT_EQ(Contents(0).count("before"), 1u);
    EXPECT_TRUE(absl::IsResourceExhausted(store_->Recover()));
    EXPECT_EQ(Contents(0).count("before"), 1u);
    disk.Free();
    const absl::Status recovered = store_->Recover();
    EXPECT_TRUE(recovered.ok()) << recovered;
    EXPECT_FALSE(store_->is_read_only());
    EXPECT_TRUE(Put(0, "after", "2").ok());
    EXPECT_EQ(Contents(0).count("after"), 1u);
  }
  store_.reset();
}

TEST_F(KvStoreTest, RecoversOnceTheCauseIsGone) {
  ASSERT_TRUE(Put(0, "before", "1").ok());
  {
    const testing::FileSizeLimit limit(64 << 10);
    absl::Status status;
    for (int i = 0; status.ok() && i < 100; ++i) status = Put(0, "big", std::string(8 << 10, 'x'));
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_FALSE(Put(0, "during", "2").ok());
  }
  const absl::Status recovered = store_->Recover();
  ASSERT_TRUE(recovered.ok()) << recovered;
  ASSERT_TRUE(Put(0, "after", "3").ok());
  Open();
  Map contents = Contents(0);
  contents.erase("big");
  EXPECT_EQ(contents, (Map{{"before", "1"}, {"after", "3"}}));
}

}  // namespace
}  // namespace tidemark::tsdb
