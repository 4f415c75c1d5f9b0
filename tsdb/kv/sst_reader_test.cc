#include "tsdb/kv/sst_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "base/io/file.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/kv/sst_writer.h"

namespace tidemark::tsdb {
namespace {

using Map = std::map<std::string, std::string>;

constexpr size_t kNumKeys = 600;

std::string Key(size_t i) { return StrCat("key ", 10'000 + 2 * i); }
std::string Value(size_t i) { return StrCat("value ", i * 7919); }

absl::Status ReadAll(KvIterator& it, Map& contents) {
  for (it.SeekToFirst(); it.Valid(); it.Next()) contents.emplace(it.key(), it.value());
  return it.status();
}

class SstReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Small blocks, so that there are many of them and an index of more than one.
    const auto writer = *SstWriter::Create(path_, {.block_bytes = 128});
    for (size_t i = 0; i < kNumKeys; ++i) {
      contents_.emplace(Key(i), Value(i));
      ASSERT_TRUE(writer->Put(Key(i), Value(i)).ok());
    }
    ASSERT_TRUE(writer->Finish().ok());
    bytes_ = *ReadFile(path_);
  }
  void Overwrite(std::string_view bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  // Turns `mask` of a byte in the file.
  void Flip(size_t at, int mask) {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(bytes_[at] ^ mask));
  }
  void Restore(size_t at) { Flip(at, 0); }
  // Opens and reads the file in every way; what the checksums say comes last.
  absl::StatusOr<Map> ReadEverything(std::shared_ptr<BlockCache> cache) {
    ASSIGN_OR_RETURN(const auto reader, SstReader::Open(path_, std::move(cache)));
    Map contents;
    RETURN_IF_ERROR(ReadAll(*reader->NewIterator(/*fill_cache=*/false), contents));
    const auto it = reader->NewIterator();
    for (const size_t i : {0, 1, 299, 599}) {
      it->Seek(Key(i));
      RETURN_IF_ERROR(it->status());
      EXPECT_TRUE(it->Valid() && it->key() == Key(i) && it->value() == Value(i));
      it->SeekForPrev(Key(i));
      RETURN_IF_ERROR(it->status());
      EXPECT_TRUE(it->Valid() && it->key() == Key(i) && it->value() == Value(i));
    }
    return contents;
  }
  void ExpectSameOrDataLoss(std::string_view what) {
    const absl::StatusOr<Map> read = ReadEverything(nullptr);
    if (read.ok()) {
      ASSERT_EQ(*read, contents_) << what;
    } else {
      ASSERT_TRUE(absl::IsDataLoss(read.status())) << what << ": " << read.status();
      ASSERT_NE(ToStd(read.status().message()).find(path_), std::string_view::npos)
          << read.status();
    }
  }

  testing::TempDirectory directory_;
  const std::string path_ = directory_.path() + "/file.sst";
  Map contents_;
  std::string bytes_;  // of the whole file
};

TEST_F(SstReaderTest, ReadsWhatWasWritten) {
  for (const auto& cache : {std::shared_ptr<BlockCache>(), BlockCache::Create(1 << 20)}) {
    const absl::StatusOr<Map> read = ReadEverything(cache);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, contents_);
  }
}

TEST_F(SstReaderTest, Seeks) {
  const auto reader = *SstReader::Open(path_, nullptr);
  const auto it = reader->NewIterator();
  struct Case {
    std::string name, key;
    bool before;
    std::optional<size_t> want;
  };
  const Case kCases[] = {
      {"the first at or after", "key 10001", false, 1},
      {"exactly", "key 10002", false, 1},
      {"before all", "", false, 0},
      {"after all", "l", false, std::nullopt},
      {"the last at or before", "key 10003", true, 1},
      {"exactly, backwards", "key 10002", true, 1},
      {"nothing before the first", "", true, std::nullopt},
      {"the last of all", "l", true, kNumKeys - 1},
  };
  for (const Case& c : kCases) {
    c.before ? it->SeekForPrev(c.key) : it->Seek(c.key);
    ASSERT_TRUE(it->status().ok()) << c.name;
    ASSERT_EQ(it->Valid(), c.want.has_value()) << c.name;
    if (!c.want) continue;
    EXPECT_EQ(it->key(), Key(*c.want)) << c.name;
  }
  it->SeekToLast();
  EXPECT_EQ(it->key(), Key(kNumKeys - 1));
}

TEST_F(SstReaderTest, TheCacheHoldsWhatWasReadUnlessAskedNotTo) {
  const auto cache = BlockCache::Create(1 << 20);
  const auto reader = *SstReader::Open(path_, cache);
  const size_t before = cache->used_bytes();
  Map contents;
  ASSERT_TRUE(ReadAll(*reader->NewIterator(/*fill_cache=*/false), contents).ok());
  EXPECT_EQ(cache->used_bytes(), before);
  ASSERT_TRUE(ReadAll(*reader->NewIterator(), contents).ok());
  EXPECT_GT(cache->used_bytes(), before + kNumKeys * Value(0).size());
}

TEST_F(SstReaderTest, FilesOfOneCacheAreKeptApart) {
  const auto cache = BlockCache::Create(1 << 20);
  for (size_t file = 0; file < 20; ++file) {
    const std::string path = StrCat(directory_.path(), "/", file);
    const auto writer = *SstWriter::Create(path, {});
    ASSERT_TRUE(writer->Put("key", StrCat(file)).ok());
    ASSERT_TRUE(writer->Finish().ok());
    const auto reader = *SstReader::Open(path, cache);
    Map contents;
    ASSERT_TRUE(ReadAll(*reader->NewIterator(), contents).ok());
    EXPECT_EQ(contents, (Map{{"key", StrCat(file)}}));
  }
}

TEST_F(SstReaderTest, Refusals) {
  EXPECT_TRUE(absl::IsNotFound(SstReader::Open(path_ + "x", nullptr).status()));
  for (const std::string_view bytes : {"", "short",
                                       "not such a file, but longer than its footer "
                                       "of fifty-three bytes is"}) {
    Overwrite(bytes);
    ExpectSameOrDataLoss(bytes);
  }
}

TEST_F(SstReaderTest, ADamagedByteIsDataLossOrChangesNothing) {
  // The footer bit by bit, as it has no checksum; before it the highest bits, too: RocksDB believes
  // the properties before it looks at their checksum.
  const size_t footer = bytes_.size() - 53, end = footer - std::min<size_t>(footer, 1200);
  for (size_t at = 0; at < bytes_.size(); at += at + 3 < end ? 3 : 1) {
    for (int bit = 0; bit < 8; ++bit) {
      if (at < footer && bit != static_cast<int>(at % 8) && (at < end || bit != 7)) continue;
      Flip(at, 1 << bit);
      ExpectSameOrDataLoss(StrCat("byte ", at, " of ", bytes_.size(), ", bit ", bit));
      if (HasFatalFailure()) return;
    }
    Restore(at);
  }
}

TEST_F(SstReaderTest, VerifyFindsDamageOfTheData) {
  EXPECT_TRUE((*SstReader::Open(path_, nullptr))->VerifyChecksums().ok());
  for (size_t at = 0; at < bytes_.size() / 2; at += 37) {  // the index and the rest come after
    Flip(at, 0x10);
    const auto reader = SstReader::Open(path_, nullptr);
    ASSERT_TRUE(reader.ok()) << reader.status();
    const absl::Status verified = (*reader)->VerifyChecksums();
    ASSERT_TRUE(absl::IsDataLoss(verified)) << at << ": " << verified;
    EXPECT_NE(ToStd(verified.message()).find(path_), std::string_view::npos) << verified;
    Restore(at);
  }
}

TEST_F(SstReaderTest, ATruncatedFileIsDataLoss) {
  const size_t whole = bytes_.size();
  for (size_t size = whole; size-- > 0;
       size -= size + 100 < whole ? std::min<size_t>(size, 37) : 0) {
    std::filesystem::resize_file(path_, size);
    const absl::Status opened = SstReader::Open(path_, nullptr).status();
    ASSERT_TRUE(absl::IsDataLoss(opened)) << size << ": " << opened;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
