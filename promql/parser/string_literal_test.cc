#include "promql/parser/string_literal.h"

#include <gtest/gtest.h>

namespace tidemark::promql {
namespace {

TEST(ParseStringLiteralTest, DecodesEscapes) {
  struct Case {
    std::string_view token, want;
  };
  constexpr Case kCases[] = {
      {R"("")", ""},
      {R"('')", ""},
      {R"("plain")", "plain"},
      {R"("\a\b\f\n\r\t\v\\\"")", "\a\b\f\n\r\t\v\\\""},
      {R"('\'"')", "'\""},
      {R"("\x41\101\u00e9\U0001F600")", "AA\u00e9\U0001F600"},
      {R"("\xff")", "\xff"},
      {R"(`\n"'`)", "\\n\"'"},
      {"`two\nlines`", "two\nlines"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<std::string> value = ParseStringLiteral(c.token);
    ASSERT_TRUE(value.ok()) << c.token << ": " << value.status();
    EXPECT_EQ(*value, c.want) << c.token;
  }
}

TEST(ParseStringLiteralTest, RefusesBadEscapes) {
  struct Case {
    std::string_view token, want;
  };
  constexpr Case kCases[] = {
      {R"("\q")", "unknown escape sequence U+0071 'q'"},
      {R"("\'")", "unknown escape sequence U+0027 '''"},
      {"\"\\\u00e9\"", "unknown escape sequence U+00E9 '\u00e9'"},
      {R"("\x4")", "illegal character U+0022 '\"' in escape sequence"},
      {R"("\08")", "illegal character U+0038 '8' in escape sequence"},
      {R"("\400")", "escape sequence is an invalid Unicode code point"},
      {R"("\ud800")", "escape sequence is an invalid Unicode code point"},
      {R"("\U00110000")", "escape sequence is an invalid Unicode code point"},
      {"\"\xff\"", "invalid UTF-8 rune"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<std::string> value = ParseStringLiteral(c.token);
    ASSERT_FALSE(value.ok()) << c.token;
    EXPECT_EQ(std::string(value.status().message()), c.want) << c.token;
  }
}

TEST(WhyBadStringTest, SaysWhatComesFirst) {
  EXPECT_EQ(WhyBadString("\"abc"), "unterminated quoted string");
  EXPECT_EQ(WhyBadString("`abc"), "unterminated raw string");
  EXPECT_EQ(WhyBadString("\"\\qabc"), "unknown escape sequence U+0071 'q'");
  EXPECT_EQ(WhyBadString("\"abc\\"), "escape sequence not terminated");
}

}  // namespace
}  // namespace tidemark::promql
