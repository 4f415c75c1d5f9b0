#include "http/query_log.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/io/file.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::http {
namespace {

TEST(QueryLogTest, AppendsToTheFileOfTheDay) {
  const testing::TempDirectory directory;
  const std::string path = directory.path() + "/q.log", rotated = path + ".1";
  QueryLog log;
  EXPECT_FALSE(log.enabled());
  log.Write("nowhere");
  ASSERT_TRUE(log.Open(path).ok());
  EXPECT_TRUE(log.enabled());
  log.Write("one");
  std::filesystem::rename(path, rotated);
  log.Write("two");
  ASSERT_TRUE(log.Open(path).ok());  // a reload
  log.Write("three");
  EXPECT_FALSE(log.Open(directory.path() + "/none/q.log").ok());
  log.Write("four");
  ASSERT_TRUE(log.Open("").ok());
  log.Write("nowhere");
  EXPECT_FALSE(log.enabled());
  EXPECT_EQ(*ReadFile(rotated), "one\ntwo\n");
  EXPECT_EQ(*ReadFile(path), "three\nfour\n");
}

}  // namespace
}  // namespace tidemark::http
