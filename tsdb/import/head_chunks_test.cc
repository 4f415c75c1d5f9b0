#include "tsdb/import/head_chunks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/strings.h"
#include "tests/testing/prometheus_files.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tidemark::testing::HeadChunkFile;

class HeadChunksTest : public ::testing::Test {
 protected:
  // The data of the chunks.
  std::vector<std::string> Read(const std::vector<std::string>& files) {
    std::vector<NumberedFile> list;
    for (const std::string& file : files) {
      const std::string path = StrCat(directory_.path(), "/", list.size() + 1);
      std::ofstream(path) << file;
      list.push_back({list.size() + 1, path});
    }
    damages_.clear();
    torn_.clear();
    const auto into = [](std::vector<std::string>& all) {
      return [&all](const absl::Status& status) { all.emplace_back(ToStd(status.message())); };
    };
    HeadChunkReader reader(list, into(damages_), into(torn_));
    std::vector<std::string> chunks;
    for (HeadChunk chunk; reader.Next(chunk); last_ = chunk) chunks.emplace_back(chunk.data);
    return chunks;
  }

  const testing::TempDirectory directory_;
  std::vector<std::string> damages_, torn_;
  HeadChunk last_;
};

TEST_F(HeadChunksTest, ReadsAllFiles) {
  const std::string file = HeadChunkFile({{1, -10, 10, 1, "a"}, {2, 0, 5, 0x81, "bc"}});
  EXPECT_THAT(Read({HeadChunkFile({}), file + std::string(1000, '\0')}), ElementsAre("a", "bc"));
  EXPECT_EQ(last_.series_ref, 2u);
  EXPECT_EQ(last_.encoding, ChunkEncoding::kXor);
  EXPECT_TRUE(last_.out_of_order);
  EXPECT_THAT(Read({file + std::string(3, '\0'), ""}), ElementsAre("a", "bc"));
  EXPECT_THAT(damages_, IsEmpty());
  EXPECT_THAT(torn_, IsEmpty());
}

TEST_F(HeadChunksTest, ATornEndIsDamageOnlyWhereMoreFollows) {
  const std::string one = HeadChunkFile({{1, -10, 10, 1, "a"}});
  const std::string two = HeadChunkFile({{1, -10, 10, 1, "a"}, {2, 0, 5, 1, "bc"}});
  for (size_t size = one.size() + 8; size < two.size(); ++size) {
    EXPECT_THAT(Read({two.substr(0, size)}), ElementsAre("a"));
    EXPECT_THAT(torn_, ElementsAre(HasSubstr(StrCat("/1: byte ", one.size()))));
    EXPECT_THAT(damages_, IsEmpty());
    EXPECT_THAT(Read({two.substr(0, size), one}), ElementsAre("a", "a"));
    EXPECT_THAT(damages_, ElementsAre(HasSubstr("not finished")));
  }
}

TEST_F(HeadChunksTest, DamageCostsTheRestOfTheFile) {
  std::string file = HeadChunkFile({{1, -10, 10, 1, "aaaa"}, {2, 0, 5, 1, "bc"}});
  file[8 + 26] ^= 1;
  EXPECT_THAT(Read({file, HeadChunkFile({{3, 0, 0, 1, "d"}})}), ElementsAre("d"));
  EXPECT_THAT(damages_, ElementsAre(HasSubstr("/1: byte 8: checksum mismatch")));
  EXPECT_THAT(Read({"rubbish!", HeadChunkFile({{3, 0, 0, 1, "d"}})}), ElementsAre("d"));
  EXPECT_THAT(damages_, ElementsAre(HasSubstr("/1: byte 0: not a file of head chunks")));
}

}  // namespace
}  // namespace tidemark::tsdb
