#include "tsdb/head/label_ranks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <string>

#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

class LabelRanksTest : public ::testing::Test {
 protected:
  uint32_t Add(const LabelSet& labels) {
    const uint32_t i = arena_.Add();
    arena_.SetLabels(i, labels, symbols_);
    return i;
  }
  LabelSet Labels(uint32_t i) const { return LabelsOf(arena_.series(i), symbols_); }

  // Checks the order of `series` against their labels.
  void Check(const std::vector<uint32_t>& series) {
    const std::vector<uint32_t> order = ranks_.Order(arena_, symbols_, series);
    ASSERT_EQ(order.size(), series.size());
    for (size_t k = 1; k < order.size(); ++k) {
      ASSERT_LT(Labels(series[order[k - 1]]), Labels(series[order[k]])) << k;
    }
  }

  SeriesArena arena_;
  SymbolTable symbols_;
  LabelRanks ranks_;
};

TEST_F(LabelRanksTest, OrdersWhateverIsAskedFor) {
  const uint32_t a = Add({{"a", "1"}, {"b", "1"}});
  const uint32_t prefix = Add({{"a", "1"}});
  const uint32_t c = Add({{"a", "0"}, {"z", "1"}});
  EXPECT_EQ(ranks_.Order(arena_, symbols_, {}), std::vector<uint32_t>());
  EXPECT_EQ(ranks_.Order(arena_, symbols_, {a}), std::vector<uint32_t>({0}));
  EXPECT_EQ(ranks_.Order(arena_, symbols_, {a, prefix, c}), std::vector<uint32_t>({2, 1, 0}));
  EXPECT_EQ(ranks_.Order(arena_, symbols_, {c, a}), std::vector<uint32_t>({0, 1}));
}

// Selections of all sizes while series come, retire and have their places taken by others.
TEST_F(LabelRanksTest, FollowsSeriesThatComeAndGo) {
  const uint32_t seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  std::vector<uint32_t> live;
  size_t next = 0;
  for (int round = 0; round < 60; ++round) {
    for (uint32_t k = 0; k < random() % (round % 7 == 0 ? 200 : 4); ++k) {
      live.push_back(
          Add({{"job", StrCat(random() % 5)}, {"x", StrCat(random() % 9, "-", next++)}}));
    }
    std::shuffle(live.begin(), live.end(), random);
    while (!live.empty() && random() % 3 == 0) {
      const uint32_t gone = live.back();
      live.pop_back();
      arena_.series(gone).generation.fetch_add(1);  // retires
      arena_.Remove(gone, symbols_);
    }
    std::vector<uint32_t> some(live.begin(),
                               live.begin() + static_cast<ptrdiff_t>(random() % (live.size() + 1)));
    if (random() % 2 == 0) some.resize(std::min<size_t>(some.size(), 3));
    std::sort(some.begin(), some.end());
    ASSERT_NO_FATAL_FAILURE(Check(some)) << "round " << round;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
