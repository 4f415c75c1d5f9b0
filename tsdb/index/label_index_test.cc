#include "tsdb/index/label_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

// The index beside a map that answers by trying every series.
class Fixture {
 public:
  void Add(uint32_t series, const LabelSet& labels) {
    oracle_[series] = labels;
    index_.Add(series, Intern(labels));
  }
  void Remove(uint32_t series) {
    index_.Remove(series, Intern(oracle_[series]));
    oracle_.erase(series);
  }

  std::vector<uint32_t> Select(const std::vector<LabelMatcher>& matchers) const {
    return index_.Select(matchers).ToVector();
  }
  std::vector<uint32_t> Expected(const std::vector<LabelMatcher>& matchers) const {
    std::vector<uint32_t> found;
    for (const auto& [series, labels] : oracle_) {
      if (Passes(matchers, labels)) found.push_back(series);
    }
    return found;
  }
  std::vector<std::string> ExpectedValues(std::string_view name,
                                          const std::vector<LabelMatcher>& matchers) const {
    std::set<std::string> values;
    for (const auto& [series, labels] : oracle_) {
      if (Passes(matchers, labels) && labels.Has(name)) values.emplace(labels.Get(name));
    }
    return {values.begin(), values.end()};
  }
  std::vector<std::string> ExpectedNames(const std::vector<LabelMatcher>& matchers) const {
    std::set<std::string> names;
    for (const auto& [series, labels] : oracle_) {
      if (!Passes(matchers, labels)) continue;
      for (const LabelView& label : labels) names.emplace(label.name);
    }
    return {names.begin(), names.end()};
  }
  const LabelIndex& index() const { return index_; }

 private:
  static bool Passes(const std::vector<LabelMatcher>& matchers, const LabelSet& labels) {
    return std::all_of(matchers.begin(), matchers.end(),
                       [&](const LabelMatcher& m) { return m.Matches(labels); });
  }
  std::vector<SymbolTable::PairId> Intern(const LabelSet& labels) {
    std::vector<SymbolTable::PairId> ids;
    for (const LabelView& label : labels) ids.push_back(symbols_.Intern(label));
    return ids;
  }

  SymbolTable symbols_;
  LabelIndex index_{symbols_};
  std::map<uint32_t, LabelSet> oracle_;
};

LabelMatcher Matcher(std::string_view name, MatchOp op, std::string_view value) {
  return *LabelMatcher::Create(name, op, value);
}

TEST(LabelIndexTest, Matchers) {
  Fixture f;
  f.Add(1, {{"__name__", "up"}, {"job", "a"}});
  f.Add(2, {{"__name__", "up"}, {"job", "b"}, {"zone", "x"}});
  f.Add(3, {{"__name__", "rate"}, {"job", "a.b"}});
  struct Case {
    std::string_view name;
    std::vector<LabelMatcher> matchers;
    std::vector<uint32_t> want;
  };
  const Case kCases[] = {
      {"none", {}, {1, 2, 3}},
      {"equal", {LabelMatcher::Equal("__name__", "up")}, {1, 2}},
      {"equal to what is not there", {LabelMatcher::Equal("job", "zz")}, {}},
      {"unknown name", {LabelMatcher::Equal("nope", "a")}, {}},
      {"empty value is an absent label", {LabelMatcher::Equal("zone", "")}, {1, 3}},
      {"not equal keeps absent labels", {Matcher("zone", MatchOp::kNotEqual, "x")}, {1, 3}},
      {"not empty", {Matcher("zone", MatchOp::kNotEqual, "")}, {2}},
      {"alternatives of literals", {Matcher("job", MatchOp::kRegex, "a|b|zz")}, {1, 2}},
      {"a dot is no literal", {Matcher("job", MatchOp::kRegex, "a.b")}, {3}},
      {"an empty alternative lets an absent label through",
       {Matcher("zone", MatchOp::kRegex, "x|")},
       {1, 2, 3}},
      {"anything", {Matcher("zone", MatchOp::kRegex, ".*")}, {1, 2, 3}},
      {"something", {Matcher("zone", MatchOp::kRegex, ".+")}, {2}},
      {"not a regex", {Matcher("job", MatchOp::kNotRegex, "a.*")}, {2}},
      {"not anything", {Matcher("job", MatchOp::kNotRegex, ".*")}, {}},
      {"two of one label",
       {Matcher("job", MatchOp::kRegex, "a.*"), Matcher("job", MatchOp::kNotEqual, "a")},
       {3}},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(f.Select(c.matchers), c.want) << c.name;
    EXPECT_EQ(f.Expected(c.matchers), c.want) << c.name << " (oracle)";
  }
}

TEST(LabelIndexTest, AgreesWithTryingEverySeries) {
  constexpr uint64_t kSeed = 42;
  SCOPED_TRACE(StrCat("seed ", kSeed));
  std::mt19937_64 random(kSeed);
  const std::vector<std::string> names = {"__name__", "job", "instance", "zone", "empty"};
  const std::vector<std::string> patterns = {"v1",  "v1|v2",  "v.*", ".*",  ".+",     "",
                                             "|v3", "v[0-4]", "x",   "v1.", "(v2|v3)"};
  Fixture f;
  std::vector<uint32_t> series;
  for (uint32_t i = 0; i < 3000; ++i) {
    LabelSetBuilder labels;
    labels.Set("id", StrCat(i));  // keeps the sets distinct and its lists short
    for (const std::string& name : names) {
      if (random() % 3 != 0)
        labels.Set(name, StrCat("v", random() % (name == "instance" ? 500 : 5)));
    }
    f.Add(i, labels.Build());
    series.push_back(i);
  }
  for (int round = 0; round < 600; ++round) {
    if (round % 3 == 0) {
      const size_t victim = random() % series.size();
      f.Remove(series[victim]);
      series.erase(series.begin() + static_cast<std::ptrdiff_t>(victim));
    }
    std::vector<LabelMatcher> matchers;
    for (uint64_t k = random() % 4; k > 0; --k) {
      matchers.push_back(Matcher(names[random() % names.size()], static_cast<MatchOp>(random() % 4),
                                 patterns[random() % patterns.size()]));
    }
    std::string text;
    for (const LabelMatcher& m : matchers) StrAppend(&text, m.ToString(), " ");
    ASSERT_EQ(f.Select(matchers), f.Expected(matchers)) << text;
    const PostingSet among = f.index().Select(matchers);
    ASSERT_EQ(f.index().ValuesOf("instance", among), f.ExpectedValues("instance", matchers))
        << text;
    ASSERT_EQ(f.index().NamesOf(among), f.ExpectedNames(matchers)) << text;
  }
  EXPECT_EQ(f.index().Names(), f.ExpectedNames({}));
  EXPECT_EQ(f.index().Values("zone"), f.ExpectedValues("zone", {}));
}

TEST(LabelIndexTest, ForgetsRemovedSeries) {
  Fixture f;
  f.Add(1, {{"a", "x"}, {"b", "y"}});
  f.Add(2, {{"a", "x"}});
  EXPECT_EQ(f.index().num_pairs(), 2);
  f.Remove(1);
  EXPECT_EQ(f.index().num_pairs(), 1);
  EXPECT_EQ(f.index().Names(), std::vector<std::string>{"a"});
  EXPECT_TRUE(f.index().Values("b").empty());
  f.Add(1, {{"b", "y"}});
  EXPECT_EQ(f.index().Values("b"), std::vector<std::string>{"y"});
}

}  // namespace
}  // namespace tidemark::tsdb
