#include "base/io/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "base/strings.h"

namespace tidemark {
namespace {

using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "file_test.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string Path(std::string_view name) const { return StrCat(directory_, "/", name); }

  std::string directory_;
};

TEST_F(FileTest, WritesAndReads) {
  std::string bytes(200'000, 'x');
  bytes[1] = '\0';
  for (const std::string& text : {std::string(), bytes, std::string("short")}) {
    ASSERT_TRUE(WriteFileAtomically(Path("f"), text).ok());
    EXPECT_EQ(*ReadFile(Path("f")), text);
  }
  const auto count = std::distance(std::filesystem::directory_iterator(directory_),
                                   std::filesystem::directory_iterator());
  EXPECT_EQ(count, 1) << "nothing is left aside";
}

TEST_F(FileTest, ErrorsNameThePath) {
  EXPECT_EQ(ReadFile(Path("gone")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(ReadFile(Path("gone")).status().message()), HasSubstr(Path("gone")));
  EXPECT_EQ(ReadFile(directory_).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(WriteFileAtomically(Path("gone/f"), "x").code(), absl::StatusCode::kNotFound);
}

TEST(ErrnoErrorTest, SaysWhatWhereAndWhy) {
  errno = EACCES;
  const absl::Status status = ErrnoError("open", "/a");
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(std::string(status.message()), "open /a: Permission denied");
}

}  // namespace
}  // namespace tidemark
