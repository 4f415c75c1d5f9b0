#include "tsdb/import/wal_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/io/compression.h"
#include "base/strings.h"
#include "tests/testing/prometheus_files.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tidemark::testing::WalSegment;

constexpr size_t kPage = 32 * 1024;
const std::string kLong(2 * kPage, 'b');

// GCC 12 warns of the copy where it inlines this.
[[gnu::noinline]] std::string Repeated(size_t size, size_t c) {
  return std::string(size, static_cast<char>(c));
}

class WalReaderTest : public ::testing::Test {
 protected:
  std::vector<std::string> Read(const std::vector<std::string>& segments) {
    std::vector<NumberedFile> files;
    for (const std::string& segment : segments) {
      const std::string path = StrCat(directory_.path(), "/", files.size());
      std::ofstream(path) << segment;
      files.push_back({files.size(), path});
    }
    const auto into = [](std::vector<std::string>& list) {
      return [&list](const absl::Status& status) { list.emplace_back(ToStd(status.message())); };
    };
    WalReader reader(files, into(damages_), into(torn_));
    std::vector<std::string> records;
    for (WalReader::Record record; reader.Next(record);) records.emplace_back(record.bytes);
    return records;
  }

  const testing::TempDirectory directory_;
  std::vector<std::string> damages_, torn_;
};

TEST_F(WalReaderTest, RecordsOfAllSizes) {
  std::vector<std::string> records;
  constexpr size_t kSizes[] = {0, 1, kPage - 7 - 7 - 1 - 7, kPage - 7, kPage - 6, 3 * kPage, 100};
  for (const size_t size : kSizes) records.push_back(Repeated(size, 'a' + records.size()));
  EXPECT_EQ(Read({WalSegment(records)}), records);
  EXPECT_EQ(Read({WalSegment({"a"}), "", WalSegment({"b", "c"})}),
            (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_THAT(damages_, IsEmpty());
  EXPECT_THAT(torn_, IsEmpty());
}

TEST_F(WalReaderTest, CompressedRecords) {
  const std::string text(100'000, 'x');
  std::string snappy, zstd;
  SnappyCompress(text, &snappy);
  ZstdCompress(text, &zstd);
  EXPECT_THAT(Read({WalSegment({snappy}, 8) + WalSegment({zstd}, 16)}), ElementsAre(text, text));
  EXPECT_THAT(Read({WalSegment({"no snappy"}, 8) + WalSegment({"a"})}), ElementsAre("a"));
  EXPECT_THAT(damages_, ElementsAre(HasSubstr("/0: byte 0: snappy")));
}

TEST_F(WalReaderTest, AnEmptyEndOfAPage) {
  std::string segment = WalSegment({"a"});
  segment.resize(kPage, '\0');
  EXPECT_THAT(Read({segment + WalSegment({"b"})}), ElementsAre("a", "b"));
  EXPECT_THAT(damages_, IsEmpty());
  segment[kPage - 1] = 'x';
  EXPECT_THAT(Read({segment + WalSegment({"b"})}), ElementsAre("a", "b"));
  EXPECT_THAT(damages_, ElementsAre(HasSubstr("/0: byte 8: bytes in the empty end of a page")));
}

TEST_F(WalReaderTest, ATornEndIsDamageOnlyWhereMoreFollows) {
  const std::string whole = WalSegment({"a", kLong});
  for (size_t size = 9; size < whole.size(); size += 1001) {
    damages_.clear();
    torn_.clear();
    EXPECT_THAT(Read({whole.substr(0, size)}), ElementsAre("a"));
    EXPECT_EQ(torn_.size(), 1u) << size;
    EXPECT_THAT(damages_, IsEmpty());
    EXPECT_THAT(Read({whole.substr(0, size), WalSegment({"c"})}), ElementsAre("a", "c"));
    EXPECT_EQ(damages_.size(), 1u) << size;
  }
}

TEST_F(WalReaderTest, DamageCostsThePageOnly) {
  std::vector<std::string> records;
  for (char c = 'a'; c < 'k'; ++c) records.push_back(Repeated(kPage / 4, c));
  std::string segment = WalSegment(records);
  segment[kPage + 5000] ^= 1;  // in the first record that begins in the second page
  const std::vector<std::string> read = Read({segment});
  EXPECT_THAT(damages_, ElementsAre(HasSubstr("/0: byte 32803: checksum mismatch")));
  EXPECT_EQ(read.size(),
            6u);  // what is in the second page is gone, and what reaches into the third
  EXPECT_EQ(read.front(), records.front());
  EXPECT_EQ(read.back(), records.back());
}

TEST_F(WalReaderTest, AnyBytesEnd) {
  const std::string whole = WalSegment({"a", kLong, "c"});
  for (size_t i = 0; i < whole.size(); i += 97) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    for (const std::string& record : Read({damaged})) {
      EXPECT_TRUE(record == "a" || record == "c" || record.size() == 2 * kPage);
    }
  }
}

TEST(ListNumberedFilesTest, SaysWhatIsMissing) {
  const testing::TempDirectory directory;
  std::vector<NumberedFile> files;
  EXPECT_TRUE(ListNumberedFiles(StrCat(directory.path(), "/none"), files).ok());
  EXPECT_THAT(files, IsEmpty());
  for (const char* name : {"00000009", "00000010", "00000012", "00000011.tmp", "notes"}) {
    std::ofstream(StrCat(directory.path(), "/", name)) << "";
  }
  const absl::Status status = ListNumberedFiles(directory.path(), files);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no file between 10 and 12"));
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[2].number, 12u);
}

}  // namespace
}  // namespace tidemark::tsdb
