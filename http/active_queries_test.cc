#include "http/active_queries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>

#include "base/io/file.h"
#include "base/json_value.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ActiveQueriesTest : public ::testing::Test {
 protected:
  // What a next start finds, while those entries are still there.
  std::vector<std::string> Left() const {
    ActiveQueries next;
    const std::string copy = path_ + ".copy";
    std::ofstream(copy) << *ReadFile(path_);
    return *next.Open(copy, 1);
  }

  const testing::TempDirectory directory_;
  const std::string path_ = directory_.path() + "/queries.active";
};

TEST_F(ActiveQueriesTest, WhatRunsIsInTheFile) {
  ActiveQueries queries;
  ASSERT_THAT(*queries.Open(path_, 2), IsEmpty());
  const ActiveQueries::Entry up(queries, "up", 1500);
  auto sum = std::make_unique<ActiveQueries::Entry>(queries, "sum(\"a\")", 2000);
  EXPECT_THAT(Left(), ElementsAre(R"({"query":"up","timestamp_sec":1})",
                                  R"json({"query":"sum(\"a\")","timestamp_sec":2})json"));
  { const ActiveQueries::Entry one_too_many(queries, "x", 0); }
  sum.reset();
  EXPECT_THAT(Left(), ElementsAre(R"({"query":"up","timestamp_sec":1})"));
  const ActiveQueries::Entry next(queries, "next", 3000);
  EXPECT_EQ(Left().size(), 2u);
  EXPECT_EQ(ReadFile(path_)->size(), 2001u);
}

TEST_F(ActiveQueriesTest, LongQueriesAreCut) {
  for (const std::string& text :
       {std::string(5000, 'a'), std::string(5000, '"'), std::string(5000, '\x01'),
        StrCat("a", std::string(990, 'b')), [] {
          std::string umlauts;
          for (int i = 0; i < 3000; ++i) umlauts += "\u00e4";
          return umlauts;
        }()}) {
    ActiveQueries queries;
    ASSERT_TRUE(queries.Open(path_, 3).ok());
    const ActiveQueries::Entry entry(queries, text, 0);
    const std::vector<std::string> left = Left();
    ASSERT_EQ(left.size(), 1u);
    const auto json = JsonValue::Parse(left[0]);
    ASSERT_TRUE(json.ok()) << left[0];
    const std::string query = json->Get("query").String();
    EXPECT_TRUE(text.starts_with(query)) << query;
    EXPECT_GE(query.size(), 100u);
  }
}

TEST_F(ActiveQueriesTest, AnyFileMayBeThere) {
  for (const std::string& text :
       {std::string(), std::string("["), std::string("{}{}"), std::string(3000, '}'),
        StrCat("[", std::string(2000, '{')), StrCat("[{\xff}", std::string(500, ' '))}) {
    std::ofstream(path_) << text;
    ActiveQueries queries;
    const auto left = queries.Open(path_, 1);
    ASSERT_TRUE(left.ok()) << left.status();
    EXPECT_THAT(*left, IsEmpty()) << text;
  }
  ActiveQueries queries;
  EXPECT_FALSE(queries.Open(directory_.path() + "/none/file", 1).ok());
  const ActiveQueries::Entry entry(queries, "up", 0);  // does nothing
}

}  // namespace
}  // namespace tidemark::http
