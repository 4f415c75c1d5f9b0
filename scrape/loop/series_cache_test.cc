#include "scrape/loop/series_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Hash128 Name(int n) { return SeededHash128(StrCat("series ", n)); }
constexpr size_t kNameSize = 10;
SeriesRef Ref(int n) { return static_cast<SeriesRef>(n); }

// Reads a page of alive series, whose refs are their names; the number of series it had to add.
int ReadPage(SeriesCache& cache, const std::vector<int>& page) {
  int added = 0;
  for (const int n : page) {
    auto [entry, repeated] = cache.Find(Name(n));
    if (entry == nullptr) {
      ++added;
      entry = &cache.Add(Name(n), kNameSize, Ref(n));
    }
    EXPECT_EQ(entry->series, Ref(n));
    entry->alive = true;
  }
  return added;
}

TEST(SeriesCacheTest, ExpectsTheOrderOfTheLastPage) {
  SeriesCache cache;
  EXPECT_EQ(cache.Expected().size, 0u);
  cache.Add(Name(1), 12, Ref(1));
  cache.Add(Name(2), size_t{1} << 16, Ref(2));
  cache.Add(Name(3), 14, Ref(3));
  EXPECT_EQ(cache.Expected().size, 0u) << "nothing is known of the first page";
  cache.EndPage();
  for (const size_t size : {12, 0, 14}) {
    EXPECT_EQ(cache.Expected().size, size) << "0: too long to expect";
    cache.Find(cache.Expected().hash);
  }
  EXPECT_EQ(cache.Expected().size, 0u) << "the last page had no more";
  cache.EndPage();
  cache.Find(Name(2));
  EXPECT_EQ(cache.Expected().hash, Name(3)) << "the first is gone";
  cache.ForgetNames();
  EXPECT_EQ(cache.Expected().size, 0u);
}

TEST(SeriesCacheTest, KnowsTheLastPage) {
  SeriesCache cache;
  EXPECT_EQ(ReadPage(cache, {1, 2, 3}), 3);
  cache.EndPage();
  EXPECT_EQ(ReadPage(cache, {3, 1, 2}), 0) << "in another order";
  EXPECT_THAT(cache.Vanished(), IsEmpty());
  cache.EndPage();
  EXPECT_EQ(ReadPage(cache, {3, 4, 2}), 1);
  EXPECT_THAT(cache.Vanished(), ElementsAre(Ref(1)));
  cache.EndPage();
  EXPECT_EQ(ReadPage(cache, {1}), 1) << "what a page did not have is forgotten";
}

TEST(SeriesCacheTest, SaysWhatIsRepeated) {
  SeriesCache cache;
  ReadPage(cache, {1});
  EXPECT_TRUE(cache.Find(Name(1)).repeated) << "added by this page";
  cache.EndPage();
  EXPECT_FALSE(cache.Find(Name(1)).repeated);
  EXPECT_TRUE(cache.Find(Name(1)).repeated) << "known from the last page";
}

TEST(SeriesCacheTest, SameSeriesUnderOtherBytesHasNotVanished) {
  SeriesCache cache;
  cache.Add(Name(1), kNameSize, Ref(7)).alive = true;
  cache.EndPage();
  cache.Add(Name(2), kNameSize, Ref(7)).alive = true;
  EXPECT_THAT(cache.Vanished(), IsEmpty());
}

TEST(SeriesCacheTest, NoLongerAliveCountsAsVanished) {
  SeriesCache cache;
  ReadPage(cache, {1});
  cache.EndPage();
  cache.Find(Name(1));
  EXPECT_THAT(cache.Vanished(), ElementsAre(Ref(1)));
}

TEST(SeriesCacheTest, DroppedPageLeavesTheLastOne) {
  SeriesCache cache;
  ReadPage(cache, {1, 2});
  cache.EndPage();
  ReadPage(cache, {2, 3});
  cache.DropPage();
  EXPECT_THAT(cache.Alive(), ElementsAre(Ref(1), Ref(2)));
  EXPECT_EQ(ReadPage(cache, {1, 2}), 0);
  cache.EndAll();
  EXPECT_THAT(cache.Alive(), IsEmpty());
  EXPECT_EQ(ReadPage(cache, {1, 2}), 0) << "known, though ended";
}

TEST(SeriesCacheTest, ForgottenNamesKeepWhatIsAlive) {
  SeriesCache cache;
  ReadPage(cache, {1, 2});
  cache.EndPage();
  cache.ForgetNames();
  EXPECT_EQ(ReadPage(cache, {2}), 1);
  EXPECT_THAT(cache.Vanished(), ElementsAre(Ref(1)));
}

TEST(SeriesCacheTest, AgreesWithSetsOnRandomPages) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(StrCat("seed ", seed));
  std::mt19937 rng(seed);
  SeriesCache cache;
  std::set<int> before;
  for (int round = 0; round < 500; ++round) {
    std::vector<int> page;
    for (int n = 1; n < 60; ++n) {
      if (rng() % 8 != 0) page.push_back(n);
    }
    if (rng() % 4 == 0) std::shuffle(page.begin(), page.end(), rng);
    const std::set<int> now(page.begin(), page.end());
    std::vector<SeriesRef> gone;
    int fresh = 0;
    for (const int n : before) {
      if (!now.contains(n)) gone.push_back(Ref(n));
    }
    for (const int n : now) fresh += before.contains(n) ? 0 : 1;
    ASSERT_EQ(ReadPage(cache, page), fresh);
    ASSERT_EQ(cache.Vanished(), gone);
    if (rng() % 5 == 0) {
      cache.DropPage();
    } else {
      cache.EndPage();
      before = now;
    }
  }
}

}  // namespace
}  // namespace tidemark::scrape
