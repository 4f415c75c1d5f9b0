#include "tsdb/index/label_index.h"

#include <gtest/gtest.h>

#include <random>

#include "base/strings.h"
#include "tests/testing/series_oracle.h"

namespace tidemark::tsdb {
namespace {

// The index beside a map that answers by trying every series.
class Fixture {
 public:
  void Add(uint32_t series, const LabelSet& labels) {
    oracle_.Add(series, labels);
    index_.Add(series, Intern(labels));
  }
  void Remove(uint32_t series) {
    index_.Remove(series, Intern(oracle_.labels().at(series)));
    oracle_.Remove(series);
  }

  std::vector<uint32_t> Select(const std::vector<LabelMatcher>& matchers) const {
    return index_.Select(matchers).ToVector();
  }
  const LabelIndex& index() const { return index_; }
  const testing::SeriesOracle& oracle() const { return oracle_; }

 private:
  std::vector<SymbolTable::PairId> Intern(const LabelSet& labels) {
    std::vector<SymbolTable::PairId> ids;
    for (const LabelView& label : labels) ids.push_back(symbols_.Intern(label));
    return ids;
  }

  SymbolTable symbols_;
  LabelIndex index_{symbols_};
  testing::SeriesOracle oracle_;
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
    EXPECT_EQ(f.oracle().Select(c.matchers), c.want) << c.name << " (oracle)";
  }
}

TEST(LabelIndexTest, AgreesWithTryingEverySeries) {
  constexpr uint64_t kSeed = 42;
  SCOPED_TRACE(StrCat("seed ", kSeed));
  std::mt19937_64 random(kSeed);
  Fixture f;
  std::vector<uint32_t> series;
  for (const LabelSet& labels : testing::RandomLabelSets(random, 2000)) {
    f.Add(static_cast<uint32_t>(series.size()), labels);
    series.push_back(static_cast<uint32_t>(series.size()));
  }
  for (int round = 0; round < 300; ++round) {
    if (round % 3 == 0) {
      const size_t victim = random() % series.size();
      f.Remove(series[victim]);
      series.erase(series.begin() + static_cast<std::ptrdiff_t>(victim));
    }
    const std::vector<LabelMatcher> matchers = testing::RandomMatchers(random);
    SCOPED_TRACE(testing::ToText(matchers));
    ASSERT_EQ(f.Select(matchers), f.oracle().Select(matchers));
    const PostingSet among = f.index().Select(matchers);
    ASSERT_EQ(f.index().ValuesOf("instance", among), f.oracle().Values("instance", matchers));
    ASSERT_EQ(f.index().NamesOf(among), f.oracle().Names(matchers));
  }
  EXPECT_EQ(f.index().Names(), f.oracle().Names({}));
  EXPECT_EQ(f.index().Values("zone"), f.oracle().Values("zone", {}));
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

// Appending in bulk makes the index that adding one by one does, on top of what is there.
TEST(LabelIndexTest, AppendDoesWhatAddDoes) {
  constexpr uint32_t kSeries = 70'000;  // more than a Roaring container
  SymbolTable symbols;
  std::vector<std::vector<SymbolTable::PairId>> labels(kSeries);
  for (uint32_t i = 0; i < kSeries; ++i) {
    labels[i].push_back(symbols.Intern({"all", "x"}));
    labels[i].push_back(symbols.Intern({"host", StrCat(i / 50)}));
    if (i % 3 == 0) labels[i].push_back(symbols.Intern({"third", StrCat(i % 7)}));
    if (i % 1000 == 0) labels[i].push_back(symbols.Intern({"unique", StrCat(i)}));
  }
  LabelIndex one_by_one(symbols), bulk(symbols);
  for (uint32_t i = 0; i < kSeries; ++i) one_by_one.Add(i, labels[i]);
  const auto labels_of = [&](uint32_t i) {
    return std::span<const SymbolTable::PairId>(labels[i]);
  };
  for (uint32_t begin = 0; begin < kSeries;) {
    std::vector<uint32_t> some;
    for (uint32_t end = std::min(begin + 1 + begin, kSeries); begin < end; ++begin) {
      some.push_back(begin);
    }
    bulk.Append(some, symbols.pairs_end(), labels_of);
  }
  EXPECT_EQ(bulk.num_pairs(), one_by_one.num_pairs());
  EXPECT_EQ(bulk.Names(), one_by_one.Names());
  EXPECT_EQ(bulk.Select({}).ToVector(), one_by_one.Select({}).ToVector());
  for (const std::string& name : bulk.Names()) {
    ASSERT_EQ(bulk.Values(name), one_by_one.Values(name));
    for (const std::string& value : bulk.Values(name)) {
      const std::vector<LabelMatcher> matchers = {LabelMatcher::Equal(name, value)};
      ASSERT_EQ(bulk.Select(matchers).ToVector(), one_by_one.Select(matchers).ToVector())
          << name << "=" << value;
    }
  }
}

}  // namespace
}  // namespace tidemark::tsdb
