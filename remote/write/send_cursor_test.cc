#include "remote/write/send_cursor.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/io/file.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::remote {
namespace {

class SendCursorTest : public ::testing::Test {
 protected:
  std::optional<ShardPlaces> Reopened() { return (*SendCursor::Open(path_))->places(); }
  void Write(const ShardPlaces& places) {
    ASSERT_TRUE((*SendCursor::Open(path_))->Write(places).ok());
  }

  testing::TempDirectory directory_;
  const std::string path_ = directory_.path() + "/cursor";
};

TEST_F(SendCursorTest, RemembersTheLastWrite) {
  EXPECT_EQ(Reopened(), std::nullopt);
  const ShardPlaces one{{1, 0}}, many(SendCursor::kMaxShards, {UINT64_MAX, UINT64_MAX});
  const ShardPlaces few{{7, 3}, {8, 0}};
  for (const ShardPlaces& places : {one, many, few, one, few}) {
    Write(places);
    EXPECT_EQ(Reopened(), places);
  }
}

TEST_F(SendCursorTest, ADamagedWriteLeavesTheOneBefore) {
  Write({{1, 0}});
  Write({{2, 0}});
  const std::string sound = *ReadFile(path_);
  for (size_t at = 0; at < sound.size(); at = at < 64 ? at + 1 : at + 4093) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    std::ofstream(path_, std::ios::binary) << damaged;
    const auto places = Reopened();
    ASSERT_TRUE(places.has_value()) << at;
    EXPECT_TRUE(*places == ShardPlaces({{1, 0}}) || *places == ShardPlaces({{2, 0}})) << at;
  }
  for (const size_t size : {size_t{0}, size_t{7}, size_t{9}}) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << sound.substr(0, size);
    EXPECT_EQ(Reopened(), std::nullopt) << size;
  }
}

}  // namespace
}  // namespace tidemark::remote
