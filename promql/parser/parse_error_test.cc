#include "promql/parser/parse_error.h"

#include <gtest/gtest.h>

namespace tidemark::promql {
namespace {

TEST(LineAndColumnTest, CountsFromOneInBytes) {
  EXPECT_EQ(LineAndColumn("abc", 0), "1:1");
  EXPECT_EQ(LineAndColumn("abc", 3), "1:4");
  EXPECT_EQ(LineAndColumn("a\nbc", 1), "1:2");
  EXPECT_EQ(LineAndColumn("a\nbc", 2), "2:1");
  EXPECT_EQ(LineAndColumn("a\n\u00e9c", 4), "2:3");
}

TEST(QuoteCharacterTest, ShowsOneCharacter) {
  EXPECT_EQ(QuoteCharacter("x rest"), "'x'");
  EXPECT_EQ(QuoteCharacter("\u00e9x"), "'\u00e9'");
  EXPECT_EQ(QuoteCharacter("\n"), "'\\n'");
  EXPECT_EQ(QuoteCharacter("'"), "'\\''");
  EXPECT_EQ(QuoteCharacter("\x01"), "'\\x01'");
  EXPECT_EQ(QuoteCharacter("\xff"), "'\uFFFD'");
  EXPECT_EQ(QuoteCharacter(""), "'\uFFFD'");
}

}  // namespace
}  // namespace tidemark::promql
