#include "base/json_value.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(JsonValueTest, FindsItsParts) {
  const auto value =
      JsonValue::Parse(R"({"b":[1.5,"x\u003e\ud83d\ude00",null,{"c":true}],"a":-2,"a":3})");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(value->Get("b").At(0).Number(), 1.5);
  EXPECT_EQ(value->Get("b").At(1).String(), "x>\U0001F600");
  EXPECT_TRUE(value->Get("b").At(2).IsNull());
  EXPECT_EQ(value->Get("b").Elements().size(), 4u);
  EXPECT_EQ(value->Get("a").Number(), 3);
  EXPECT_EQ(value->Members()[1].first, "b");
  EXPECT_EQ(value->Get("b").At(3).Dump(), R"({"c":true})");
}

TEST(JsonValueTest, WhatIsNotThereIsNull) {
  const auto value = JsonValue::Parse("[1]");
  ASSERT_TRUE(value.ok());
  EXPECT_TRUE(value->Get("a").At(3).Get("b").IsNull());
  EXPECT_TRUE(value->At(1).IsNull());
  EXPECT_EQ(value->At(0).String(), "");
  EXPECT_EQ(value->Number(), 0);
  EXPECT_TRUE(value->At(0).Elements().empty());
  EXPECT_TRUE(value->Members().empty());
}

TEST(JsonValueTest, RefusesWhatIsNotJson) {
  for (const std::string_view text : {"", "{", "[1,]", "nul", "\"\xff\"", "{} x", "1e999999"}) {
    EXPECT_FALSE(JsonValue::Parse(text).ok()) << text;
  }
  // Deep nesting takes memory and no stack.
  EXPECT_FALSE(JsonValue::Parse(std::string(1'000'000, '[')).ok());
  EXPECT_TRUE(JsonValue::Parse(std::string(100'000, '[') + std::string(100'000, ']')).ok());
}

}  // namespace
}  // namespace tidemark
