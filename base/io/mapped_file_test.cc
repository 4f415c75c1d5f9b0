#include "base/io/mapped_file.h"

#include <gtest/gtest.h>

#include "base/io/file.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"

namespace tidemark {
namespace {

TEST(MappedFileTest, GivesTheBytesOfAFile) {
  const testing::TempDirectory directory;
  const std::string path = StrCat(directory.path(), "/a");
  for (const std::string& text : {std::string(), std::string(100'000, 'x')}) {
    ASSERT_TRUE(WriteFileAtomically(path, text).ok());
    const auto file = MappedFile::Open(path);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ((*file)->bytes(), text);
  }
}

TEST(MappedFileTest, WhatIsNoFile) {
  const testing::TempDirectory directory;
  EXPECT_FALSE(MappedFile::Open(directory.path()).ok());
  EXPECT_EQ(MappedFile::Open(StrCat(directory.path(), "/a")).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tidemark
