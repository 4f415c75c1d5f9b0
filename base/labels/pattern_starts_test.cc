#include "base/labels/pattern_starts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/labels/anchored_regex.h"
#include "base/strings.h"

namespace tidemark {
namespace {

using Rest = PatternStart::Rest;

// The texts, each with the sign of its rest: nothing, `+`, `*`, `?` for unknown.
std::string Text(const std::vector<PatternStart>& starts) {
  std::string text;
  for (const PatternStart& start : starts) {
    constexpr std::string_view kSigns[] = {"", "+", "*", "?"};
    StrAppend(&text, text.empty() ? "" : " ", "'", start.text, "'",
              kSigns[static_cast<int>(start.rest)]);
  }
  return text;
}

TEST(PatternStartsTest, TakesPatternsApart) {
  struct Case {
    std::string_view pattern, want;
  };
  constexpr Case kCases[] = {
      {"", "''"},
      {"abc", "'abc'"},
      {"b|a|b|", "'' 'a' 'b'"},
      {"^abc$", "'abc'"},
      {"^a|b$", "'a' 'b'"},
      {"node-1\\.example\\.com:9100", "'node-1.example.com:9100'"},
      {".*", "''*"},
      {".+", "''+"},
      {"(.*)", "''*"},
      {"^.*?$", "''*"},
      {"a.*", "'a'*"},
      {"a.+|b.*|c", "'a'+ 'b'* 'c'"},
      {"a(b|c)?d", "'abd' 'acd' 'ad'"},
      {"(?:a|b)(?P<x>c|d.*)", "'ac' 'ad'* 'bc' 'bd'*"},
      {"5[0-2x]", "'50' '51' '52' '5x'"},
      {"5..", "'5'?"},
      {"5\\d+", "'5'?"},
      {"a+", "'a'?"},
      {"a+?b", "'a'?"},
      {"a{2}", "'a'?"},
      {"ba{0,2}", "'b'?"},
      {"ab*|abc", "'a'?"},
      {"a|a.+", "'a'*"},
      {"a.*|a.+", "'a'*"},
      {"a.*|ab|abc?|b", "'a'* 'b'"},
      {"a.*b", "'a'?"},
      {".*.*", "''*"},
      {"a.*()", "'a'*"},
      {"é?x", "'x' 'éx'"},
      {"[^a]b", "''?"},
      {"a[]b]", "'a]' 'ab'"},
      {"a[b-]", "'a-' 'ab'"},
      {"[a-z]x", "''?"},
      {"a[é]x", "'a'?"},
      // What it gives up on.
      {"(?i)abc", "''?"},
      {"(?i:abc)", "''?"},
      {"a[[:alpha:]]", "''?"},
      {"a\\Qb\\E", "''?"},
      {"a^b", "''?"},
      {"a{", "''?"},
      {"a\\b", "''?"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Text(PatternStarts(c.pattern)), c.want) << c.pattern;
}

TEST(PatternStartsTest, ManyCombinationsAreCutShort) {
  std::string pattern;
  for (int i = 0; i < 5; ++i) pattern += "[0-9]";
  const std::vector<PatternStart> starts = PatternStarts(pattern);
  ASSERT_EQ(starts.size(), 100u);
  EXPECT_EQ(starts[7], (PatternStart{"07", Rest::kUnknown}));
  EXPECT_EQ(Text(PatternStarts(StrCat(std::string(60, '('), "a", std::string(60, ')')))), "''?");
}

TEST(PatternStartsTest, FindStart) {
  const std::vector<PatternStart> starts = PatternStarts("a|ab.*|c.+|d[x-z]+");
  struct Case {
    std::string_view text, want;  // the text of the start, "-" for none
  };
  constexpr Case kCases[] = {{"", "-"},     {"a", "a"},  {"aa", "-"}, {"ab", "ab"}, {"abc", "ab"},
                             {"ac", "-"},   {"b", "-"},  {"c", "-"},  {"cc", "c"},  {"d", "-"},
                             {"dxq", "dx"}, {"dw", "-"}, {"e", "-"}};
  for (const Case& c : kCases) {
    const PatternStart* start = FindStart(starts, c.text);
    EXPECT_EQ(start == nullptr ? "-" : start->text, c.want) << c.text;
  }
}

// A pattern over a, b and a rare é, with most of what the syntax has.
std::string RandomPattern(std::mt19937_64& random, int depth) {
  std::string pattern;
  const uint64_t atoms = random() % 4;
  for (uint64_t i = 0; i < atoms; ++i) {
    constexpr std::string_view kAtoms[] = {"a",    "b",     "ab",   ".",   ".*",    ".+",   "[ab]",
                                           "[^a]", "[a-c]", "\\.",  "\\w", "[]b-]", "é",    "[\\]]",
                                           "^",    "$",     "a{1}", "b{",  "(?i)a", "\\x61"};
    if (depth < 3 && random() % 4 == 0) {
      constexpr std::string_view kOpen[] = {"(", "(?:", "(?P<n>", "(?i:"};
      StrAppend(&pattern, kOpen[random() % 3 + (random() % 8 == 0)],
                RandomPattern(random, depth + 1), ")");
    } else {
      pattern.append(kAtoms[random() % (random() % 3 == 0 ? std::size(kAtoms) : 7)]);
    }
    constexpr std::string_view kRepetitions[] = {"?", "*", "+", "??", "*?", "{2}", "{0,1}", "{1,}"};
    if (random() % 3 == 0) pattern.append(kRepetitions[random() % std::size(kRepetitions)]);
  }
  if (random() % 3 == 0) StrAppend(&pattern, "|", RandomPattern(random, depth + 1));
  return pattern;
}

TEST(PatternStartsTest, AgreesWithRe2) {
  constexpr uint64_t kSeed = 7;
  SCOPED_TRACE(StrCat("seed ", kSeed));
  std::mt19937_64 random(kSeed);
  std::vector<std::string> texts = {""};
  for (size_t i = 0; texts.size() < 1500; ++i) {
    for (const std::string_view c : {"a", "b", ".", "é", "\n"})
      texts.push_back(StrCat(texts[i], c));
  }
  int known = 0, tried = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string pattern = RandomPattern(random, 0);
    const absl::StatusOr<AnchoredRegex> regex = AnchoredRegex::Create(pattern);
    if (!regex.ok()) continue;  // a name twice, a repetition of nothing
    ++tried;
    known += std::all_of(regex->starts().begin(), regex->starts().end(),
                         [](const PatternStart& s) { return s.rest != Rest::kUnknown; });
    for (const std::string& text : texts) {
      std::string unused;
      const bool want = regex->Expand(text, "", &unused);  // always asks RE2
      ASSERT_EQ(regex->Matches(text), want)
          << pattern << " on \"" << text << "\": " << Text(regex->starts());
    }
  }
  EXPECT_GT(tried, 1500);
  EXPECT_GT(known, 500);
}

}  // namespace
}  // namespace tidemark
