#include "base/labels/label_matcher.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(LabelMatcherTest, Matches) {
  struct Case {
    std::string_view name;
    MatchOp op;
    std::string_view pattern, value;
    bool want;
  };
  constexpr Case kCases[] = {
      {"equal", MatchOp::kEqual, "a", "a", true},
      {"equal to empty lets an absent label through", MatchOp::kEqual, "", "", true},
      {"not equal", MatchOp::kNotEqual, "a", "b", true},
      {"regex is anchored at both ends", MatchOp::kRegex, "5..", "1500", false},
      {"alternation is anchored as a whole", MatchOp::kRegex, "a|b", "ab", false},
      {"dot matches a newline", MatchOp::kRegex, "a.b", "a\nb", true},
      {"negative regex lets an absent label through", MatchOp::kNotRegex, "5..", "", true},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<LabelMatcher> matcher = LabelMatcher::Create("code", c.op, c.pattern);
    ASSERT_TRUE(matcher.ok()) << c.name << ": " << matcher.status();
    EXPECT_EQ(matcher->Matches(c.value), c.want) << c.name;
  }
}

TEST(LabelMatcherTest, BadRegexNamesTheReason) {
  const auto matcher = LabelMatcher::Create("code", MatchOp::kRegex, "a(b");
  ASSERT_EQ(matcher.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(matcher.status().message().find("missing )"), absl::string_view::npos)
      << matcher.status();
}

TEST(AnchoredRegexTest, Expands) {
  struct Case {
    std::string_view pattern, text, replacement, want;
  };
  constexpr Case kCases[] = {
      {"(.*):(.*)", "host:80", "$1", "host"},
      {"(.*):(.*)", "host:80", "${2}x", "80x"},
      {"(.*):(.*)", "host:80", "$2x", ""},  // a name as long as it can be: "2x" is no group
      {"(?P<host>.*):(.*)", "host:80", "$host/$2", "host/80"},
      {"(.*)", "v", "$$1", "$1"},
      {"(.*)", "v", "a$", "a$"},
      {"(.*)", "v", "$9", ""},
      {"a(b)?", "a", "<$1>", "<>"},
  };
  for (const Case& c : kCases) {
    const auto regex = AnchoredRegex::Create(c.pattern);
    ASSERT_TRUE(regex.ok());
    std::string got = "untouched";
    ASSERT_TRUE(regex->Expand(c.text, c.replacement, &got));
    EXPECT_EQ(got, c.want) << c.pattern << " " << c.replacement;
  }
  std::string untouched = "x";
  EXPECT_FALSE(AnchoredRegex::Create("a")->Expand("b", "$0", &untouched));
  EXPECT_EQ(untouched, "x");
}

}  // namespace
}  // namespace tidemark
