#include "base/labels/search_regex.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(SearchRegexTest, Matches) {
  struct Case {
    std::string_view name, pattern, text;
    bool want;
  };
  constexpr Case kCases[] = {
      {"somewhere inside", "b", "abc", true},
      {"nowhere", "x", "abc", false},
      {"anchors are the text's", "^b", "abc", false},
      {"a dot is no newline", "a.b", "a\nb", false},
      {"the empty pattern is everywhere", "", "", true},
  };
  for (const Case& c : kCases) {
    const auto regex = SearchRegex::Create(c.pattern);
    ASSERT_TRUE(regex.ok()) << c.name << ": " << regex.status();
    EXPECT_EQ(regex->Matches(c.text), c.want) << c.name;
  }
}

TEST(SearchRegexTest, ReplaceAll) {
  struct Case {
    std::string_view name, pattern, replacement, text, want;
  };
  // Results are those of Go's regexp.ReplaceAllString.
  constexpr Case kCases[] = {
      {"every match", "o", "0", "foo boo", "f00 b00"},
      {"groups by number", "(.*)-(\\d+)", "$2/$1/${1}x/$1x", "foo-12", "12/foo/foox/"},
      {"groups by name", "(?P<a>x)", "<${a}>", "axb", "a<x>b"},
      {"a dollar twice is one", "a", "$$", "a", "$"},
      {"empty matches between all bytes", "x*", "-", "abc", "-a-b-c-"},
      {"no empty match behind a match", "x*", "-", "axb", "-a-b-"},
      {"characters stay whole", "", "-", "é", "-é-"},
      {"no match leaves the text", "z", "y", "abc", "abc"},
      {"an unset group is empty", "(a)|(b)", "[$1]", "ab", "[a][]"},
  };
  for (const Case& c : kCases) {
    const auto regex = SearchRegex::Create(c.pattern);
    ASSERT_TRUE(regex.ok()) << c.name << ": " << regex.status();
    EXPECT_EQ(regex->ReplaceAll(c.text, c.replacement), c.want) << c.name;
  }
}

TEST(SearchRegexTest, RefusesWhatIsNone) {
  const auto regex = SearchRegex::Create("a(");
  EXPECT_EQ(regex.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tidemark
