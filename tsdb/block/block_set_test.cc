#include "tsdb/block/block_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "absl/strings/str_format.h"

#include "base/io/file.h"
#include "base/io/hash.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_blocks.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MakeStoredSamples;
using testing::ReadBlocks;
using testing::StoredSamples;
using ::testing::UnorderedElementsAre;

class BlockSetTest : public ::testing::Test {
 protected:
  BlockSetTest() { fs::create_directories(blocks_directory_); }

  // [min, max) with a sample of three series every ten milliseconds.
  BlockMeta Write(TimestampMs min, TimestampMs max, int seed = 0,
                  std::vector<std::string> parents = {}) {
    BlockMeta meta;
    meta.min_time = min;
    meta.max_time = max;
    if (!parents.empty()) meta.compaction.level = 2;
    meta.compaction.parents = std::move(parents);
    const absl::StatusOr<BlockMeta> written =
        testing::WriteBlock(blocks_directory_, meta, MakeStoredSamples(3, min, max, 10, seed));
    EXPECT_TRUE(written.ok()) << written.status();
    return *written;
  }
  void Open() {
    metrics_.emplace();
    absl::StatusOr<std::unique_ptr<BlockSet>> set =
        BlockSet::Open(directory_.path(), nullptr, *metrics_);
    ASSERT_TRUE(set.ok()) << set.status();
    set_ = *std::move(set);
  }
  std::string PathOf(const BlockMeta& meta) const {
    return StrCat(blocks_directory_, "/", meta.ulid);
  }
  std::vector<std::string> Served() const {
    std::vector<std::string> ulids;
    const std::shared_ptr<const BlockList> current = set_->Current();
    for (const auto& block : *current) ulids.push_back(block->meta().ulid);
    return ulids;
  }
  static std::vector<std::string> Names(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  // Puts `bytes` into the first data block of a file, whose checksum then fails, and gives what was
  // there.
  static std::string Overwrite(const std::string& path, std::string_view bytes) {
    constexpr size_t kAt = 20;
    std::string old = ReadFile(path)->substr(kAt, bytes.size());
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(kAt);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return old;
  }
  std::vector<std::string> OnDisk() const { return Names(blocks_directory_); }
  std::vector<std::string> Damaged() const { return Names(directory_.path() + "/damaged"); }

  const testing::TempDirectory directory_;
  const std::string blocks_directory_ = directory_.path() + "/blocks";
  std::optional<MetricRegistry> metrics_;
  std::unique_ptr<BlockSet> set_;
};

TEST_F(BlockSetTest, OpensNothing) {
  fs::remove_all(blocks_directory_);
  Open();
  EXPECT_THAT(*set_->Current(), IsEmpty());
  EXPECT_EQ(set_->blocks_directory(), blocks_directory_);
  EXPECT_TRUE(fs::is_directory(blocks_directory_));
}

TEST_F(BlockSetTest, ListsBlocksByTimeThenUlid) {
  const BlockMeta late = Write(200, 300), early = Write(100, 200), twin = Write(100, 150);
  Open();
  EXPECT_THAT(Served(), ElementsAre(early.ulid, twin.ulid, late.ulid));
  EXPECT_THAT(metrics_->Expose(), HasSubstr("prometheus_tsdb_blocks_loaded 3"));
}

TEST_F(BlockSetTest, RemovesWhatWasLeftAndNothingElse) {
  const BlockMeta whole = Write(0, 100), half = Write(0, 100), gone = Write(0, 100);
  fs::rename(PathOf(half), PathOf(half) + ".tmp");
  fs::rename(PathOf(gone), PathOf(gone) + ".deleted");
  fs::create_directory(blocks_directory_ + "/lost+found");
  std::ofstream(blocks_directory_ + "/notes.tmp") << "mine";
  Open();
  EXPECT_THAT(Served(), ElementsAre(whole.ulid));
  EXPECT_THAT(OnDisk(), UnorderedElementsAre(whole.ulid, "lost+found", "notes.tmp"));
}

TEST_F(BlockSetTest, SetsDamagedBlocksAside) {
  struct Case {
    std::string_view name;
    std::function<void(const std::string&)> damage;  // of a block's directory
  };
  const auto truncate = [](std::string_view file) {
    return [file](const std::string& path) { fs::resize_file(StrCat(path, "/", file), 10); };
  };
  const auto remove = [](std::string_view file) {
    return [file](const std::string& path) { fs::remove(StrCat(path, "/", file)); };
  };
  const Case cases[] = {
      {"meta.json cut short", truncate(kMetaFile)},
      {"index cut short", truncate(kIndexFile)},
      {"chunks cut short", truncate(kChunksFile)},
      {"no meta.json", remove(kMetaFile)},
      {"no index", remove(kIndexFile)},
      {"no chunks", remove(kChunksFile)},
      {"nothing",
       [](const std::string& path) {
         fs::remove_all(path);
         fs::create_directory(path);
       }},
  };
  for (const Case& c : cases) {
    const BlockMeta sound = Write(0, 100), bad = Write(100, 200);
    c.damage(PathOf(bad));
    Open();
    EXPECT_THAT(Served(), ElementsAre(sound.ulid)) << c.name;
    EXPECT_THAT(Damaged(), ElementsAre(bad.ulid)) << c.name;
    EXPECT_THAT(metrics_->Expose(), HasSubstr("tidemark_tsdb_blocks_damaged_total 1")) << c.name;
    set_.reset();
    fs::remove_all(PathOf(sound));
    fs::remove_all(directory_.path() + "/damaged");
  }
}

TEST_F(BlockSetTest, TheSameBlockMayBeSetAsideAgain) {
  const BlockMeta bad = Write(0, 100);
  for (int i = 0; i < 3; ++i) {
    fs::create_directories(PathOf(bad));
    fs::remove(StrCat(PathOf(bad), "/", kMetaFile));
    Open();
  }
  EXPECT_THAT(Damaged(), UnorderedElementsAre(bad.ulid, bad.ulid + ".1", bad.ulid + ".2"));
}

TEST_F(BlockSetTest, ABlockUnderAnotherNameIsDamaged) {
  const BlockMeta block = Write(0, 100);
  const std::string name = NewUlid(1);
  fs::rename(PathOf(block), StrCat(blocks_directory_, "/", name));
  Open();
  EXPECT_THAT(Served(), IsEmpty());
  EXPECT_THAT(Damaged(), ElementsAre(name));
}

TEST_F(BlockSetTest, ANewerBlockStopsTheStart) {
  const BlockMeta block = Write(0, 100);
  const std::string path = StrCat(PathOf(block), "/", kMetaFile);
  std::string text = *ReadFile(path);
  text.resize(text.find("\"version\":"));
  text += "\"version\":999";
  text += absl::StrFormat(",\"checksum\":\"%08x\"}\n", Checksum32(text));
  ASSERT_TRUE(WriteFileAtomically(path, text).ok());
  MetricRegistry metrics;
  const auto set = BlockSet::Open(directory_.path(), nullptr, metrics);
  EXPECT_EQ(set.status().code(), absl::StatusCode::kFailedPrecondition) << set.status();
  EXPECT_TRUE(fs::exists(path)) << "nothing is moved";
}

TEST_F(BlockSetTest, RemovesTheParentsOfAWholeBlock) {
  const BlockMeta a = Write(0, 100), b = Write(100, 200), other = Write(200, 300);
  const BlockMeta merged = Write(0, 200, 0, {a.ulid, b.ulid});
  const BlockMeta again = Write(0, 200, 0, {merged.ulid});
  Open();
  EXPECT_THAT(Served(), ElementsAre(again.ulid, other.ulid));
  EXPECT_THAT(OnDisk(), UnorderedElementsAre(again.ulid, other.ulid));
}

TEST_F(BlockSetTest, KeepsTheParentsOfADamagedBlock) {
  const BlockMeta a = Write(0, 100), b = Write(100, 200);
  const BlockMeta merged = Write(0, 200, 0, {a.ulid, b.ulid});
  fs::resize_file(StrCat(PathOf(merged), "/", kIndexFile), 10);
  Open();
  EXPECT_THAT(Served(), ElementsAre(a.ulid, b.ulid));
  EXPECT_THAT(Damaged(), ElementsAre(merged.ulid));
}

TEST_F(BlockSetTest, ReplacesInOneStepAndReadersKeepWhatTheyHold) {
  const BlockMeta a = Write(0, 100), b = Write(100, 200);
  Open();
  std::shared_ptr<const BlockList> before = set_->Current();
  const StoredSamples samples = *ReadBlocks(*before);
  std::unique_ptr<Querier> querier = before->front()->NewQuerier();

  const BlockMeta merged = Write(0, 200, 0, {a.ulid, b.ulid});
  ASSERT_TRUE(set_->Replace({merged}, {a.ulid, b.ulid}).ok());
  EXPECT_THAT(Served(), ElementsAre(merged.ulid));
  EXPECT_THAT(OnDisk(), UnorderedElementsAre(merged.ulid, a.ulid + ".deleted", b.ulid + ".deleted"))
      << "held by a reader";
  EXPECT_EQ(*ReadBlocks(*before), samples);
  EXPECT_EQ(*ReadBlocks(*set_->Current()), samples);

  before.reset();
  EXPECT_THAT(OnDisk(), ::testing::Contains(merged.ulid));
  EXPECT_THAT(OnDisk(), ::testing::Not(::testing::Contains(b.ulid + ".deleted")));
  const auto series = querier->Select({}, TimeRange());
  ASSERT_TRUE(series.ok()) << series.status();
  SampleColumns columns;
  ASSERT_TRUE((*series)->Read(0, columns).ok()) << "files that are gone stay open";
  EXPECT_EQ(columns.size(), 10U);
  querier.reset();
  EXPECT_THAT(OnDisk(), ElementsAre(merged.ulid));
}

TEST_F(BlockSetTest, ListsMayOutliveTheSet) {
  const BlockMeta a = Write(0, 100);
  Open();
  std::shared_ptr<const BlockList> list = set_->Current();
  ASSERT_TRUE(set_->Replace({}, {a.ulid}).ok());
  set_.reset();
  EXPECT_EQ(*ReadBlocks(*list), MakeStoredSamples(3, 0, 100, 10, 0));
  list.reset();
  EXPECT_THAT(OnDisk(), IsEmpty());
}

TEST_F(BlockSetTest, ABlockWithoutSeriesIsNotAdded) {
  const BlockMeta a = Write(0, 100);
  Open();
  BlockMeta empty;
  empty.ulid = NewUlid(1);
  ASSERT_TRUE(set_->Replace({empty}, {a.ulid}).ok());
  EXPECT_THAT(Served(), IsEmpty());
  EXPECT_THAT(OnDisk(), IsEmpty());
}

TEST_F(BlockSetTest, AnAddedBlockThatDoesNotOpenChangesNothing) {
  const BlockMeta a = Write(0, 100);
  Open();
  const BlockMeta good = Write(0, 50), bad = Write(50, 100);
  fs::resize_file(StrCat(PathOf(bad), "/", kChunksFile), 10);
  EXPECT_FALSE(set_->Replace({good, bad}, {a.ulid}).ok());
  EXPECT_THAT(Served(), ElementsAre(a.ulid));
  EXPECT_THAT(OnDisk(), ElementsAre(a.ulid));
  EXPECT_THAT(metrics_->Expose(), HasSubstr("prometheus_tsdb_reloads_failures_total 1"));
}

TEST_F(BlockSetTest, SetsAsideWhatTurnsOutDamaged) {
  const BlockMeta a = Write(0, 100), b = Write(100, 200);
  Open();
  set_->SetDamagedAside();
  EXPECT_EQ(Served().size(), 2U) << "nothing is damaged yet";
  Overwrite(StrCat(PathOf(a), "/", kChunksFile), "\xff\x01\xff");
  EXPECT_EQ(ReadBlocks(*set_->Current()).status().code(), absl::StatusCode::kDataLoss);
  set_->SetDamagedAside();
  EXPECT_THAT(Served(), ElementsAre(b.ulid));
  EXPECT_THAT(OnDisk(), ElementsAre(b.ulid));
  EXPECT_THAT(Damaged(), ElementsAre(a.ulid));
  EXPECT_TRUE(ReadBlocks(*set_->Current()).ok());
}

TEST_F(BlockSetTest, ABlockThatOnlySeemedDamagedComesBack) {
  const BlockMeta a = Write(0, 100), b = Write(100, 200);
  Open();
  const std::string path = StrCat(PathOf(a), "/", kChunksFile);
  const std::string bytes = Overwrite(path, "\xff\x01\xff");
  EXPECT_FALSE(ReadBlocks(*set_->Current()).ok());
  Overwrite(path, bytes);
  EXPECT_TRUE(set_->Current()->front()->is_damaged());
  set_->SetDamagedAside();
  EXPECT_THAT(Served(), ElementsAre(a.ulid, b.ulid));
  EXPECT_FALSE(set_->Current()->front()->is_damaged());
  EXPECT_TRUE(ReadBlocks(*set_->Current()).ok());
}

TEST_F(BlockSetTest, AwaitsReaders) {
  const BlockMeta a = Write(0, 100);
  Open();
  const auto never = [] { return false; };
  const auto at_once = [] { return true; };
  EXPECT_TRUE(set_->AwaitReaders(at_once)) << "nobody reads";

  std::shared_ptr<const BlockList> held = set_->Current();
  EXPECT_FALSE(set_->AwaitReaders(at_once)) << "the current list is held";
  ASSERT_TRUE(set_->Replace({Write(100, 200)}, {}).ok());
  EXPECT_FALSE(set_->AwaitReaders(at_once)) << "an old list is held";

  // While it waits, lists are handed out that it does not wait for.
  std::shared_ptr<const BlockList> later;
  EXPECT_TRUE(set_->AwaitReaders([&] {
    later = set_->Current();
    held.reset();
    return false;
  }));
  EXPECT_THAT(*later, ::testing::SizeIs(2));

  held = set_->Current();
  later.reset();
  std::thread reader([&] { held.reset(); });
  EXPECT_TRUE(set_->AwaitReaders(never));
  reader.join();
}

// Readers see each change as a whole while blocks come and go.
TEST_F(BlockSetTest, ReadersAlwaysSeeAllSamples) {
  BlockMeta a = Write(0, 100), b = Write(100, 200);
  const StoredSamples samples = MakeStoredSamples(3, 0, 200, 10, 0);
  Open();
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto read = ReadBlocks(*set_->Current());
        ASSERT_TRUE(read.ok()) << read.status();
        ASSERT_EQ(*read, samples);
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    const BlockMeta merged = Write(0, 200, 0, {a.ulid, b.ulid});
    ASSERT_TRUE(set_->Replace({merged}, {a.ulid, b.ulid}).ok());
    ASSERT_TRUE(set_->AwaitReaders([] { return false; }));
    a = Write(0, 100);
    b = Write(100, 200);
    ASSERT_TRUE(set_->Replace({a, b}, {merged.ulid}).ok());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_THAT(OnDisk(), UnorderedElementsAre(a.ulid, b.ulid));
}

}  // namespace
}  // namespace tidemark::tsdb
