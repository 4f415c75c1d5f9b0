#include "tsdb/kv/sst_writer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/strings.h"
#include "tests/testing/file_size_limit.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/kv/sst_reader.h"

namespace tidemark::tsdb {
namespace {

class SstWriterTest : public ::testing::Test {
 protected:
  std::unique_ptr<SstWriter> Create(const SstWriter::Options& options = {}) {
    auto writer = SstWriter::Create(path_, options);
    EXPECT_TRUE(writer.ok()) << writer.status();
    return *std::move(writer);
  }

  testing::TempDirectory directory_;
  const std::string path_ = directory_.path() + "/file.sst";
};

TEST_F(SstWriterTest, RefusesKeysOutOfOrder) {
  for (const std::string_view second : {"b", "a", ""}) {
    const auto writer = Create();
    ASSERT_TRUE(writer->Put("b", "1").ok());
    EXPECT_TRUE(absl::IsInternal(writer->Put(second, "2"))) << second;
    EXPECT_TRUE(absl::IsUnavailable(writer->Put("c", "3")));
    EXPECT_TRUE(absl::IsUnavailable(writer->Finish()));
  }
}

TEST_F(SstWriterTest, RefusesAFileWithoutKeys) {
  EXPECT_TRUE(absl::IsInternal(Create()->Finish()));
}

TEST_F(SstWriterTest, TheEmptyKeyComesFirst) {
  const auto writer = Create();
  EXPECT_TRUE(writer->Put("", "1").ok());
  EXPECT_TRUE(writer->Put(std::string_view("\0", 1), "2").ok());
  EXPECT_TRUE(writer->Finish().ok());
}

TEST_F(SstWriterTest, AFileWithoutFinishIsRefused) {
  {
    const auto writer = Create();
    for (char c = 'a'; c <= 'z'; ++c) {
      ASSERT_TRUE(writer->Put(std::string_view(&c, 1), std::string(10'000, c)).ok());
    }
  }
  const absl::Status opened = SstReader::Open(path_, nullptr).status();
  EXPECT_TRUE(absl::IsDataLoss(opened)) << opened;
}

TEST_F(SstWriterTest, ReplacesAFileAndLeavesItsOtherNames) {
  const auto write = [&](std::string_view value) {
    const auto writer = Create();
    ASSERT_TRUE(writer->Put("key", value).ok());
    ASSERT_TRUE(writer->Finish().ok());
  };
  write("old");
  const std::string other = directory_.path() + "/snapshot.sst";
  std::filesystem::create_hard_link(path_, other);
  write("new");
  for (const auto& [path, want] : {std::pair(path_, "new"), std::pair(other, "old")}) {
    const auto reader = *SstReader::Open(path, nullptr);
    const auto it = reader->NewIterator();
    it->SeekToFirst();
    ASSERT_TRUE(it->Valid()) << path;
    EXPECT_EQ(it->value(), want) << path;
  }
}

TEST_F(SstWriterTest, TellsTheSizeOfTheFileAndCompresses) {
  uint64_t sizes[2];
  for (const bool compress : {false, true}) {
    const auto writer = Create({.compress = compress});
    for (int i = 100; i < 200; ++i) {
      ASSERT_TRUE(writer->Put(StrCat(i), std::string(1000, 'x')).ok());
    }
    EXPECT_GT(writer->file_bytes(), 0u);
    ASSERT_TRUE(writer->Finish().ok());
    EXPECT_EQ(writer->file_bytes(), std::filesystem::file_size(path_));
    sizes[compress] = writer->file_bytes();
  }
  EXPECT_LT(sizes[true] * 10, sizes[false]);
}

TEST_F(SstWriterTest, AFullDiskIsSeenAtTheLatestByFinish) {
  const testing::FileSizeLimit limit(1 << 20);
  const auto writer = Create({.compress = false});
  absl::Status status;
  for (int i = 10'000; status.ok() && i < 15'000; ++i) {
    status = writer->Put(StrCat(i), std::string(1000, 'x'));
  }
  if (status.ok()) status = writer->Finish();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::IsUnavailable(writer->Put("3", "x")));
  EXPECT_TRUE(absl::IsUnavailable(writer->Finish()));
}

TEST_F(SstWriterTest, ADirectoryThatIsNotThere) {
  const auto writer = SstWriter::Create(directory_.path() + "/nowhere/file.sst", {});
  EXPECT_TRUE(absl::IsUnavailable(writer.status())) << writer.status();
}

}  // namespace
}  // namespace tidemark::tsdb
