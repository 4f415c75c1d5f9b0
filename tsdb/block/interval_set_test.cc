#include "tsdb/block/interval_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string_view>

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

TEST(IntervalSetTest, JoinsWhatOverlapsOrTouches) {
  struct Case {
    std::string_view name;
    std::vector<TimeRange> added, want;
  };
  const Case cases[] = {
      {"apart", {{5, 6}, {1, 2}}, {{1, 2}, {5, 6}}},
      {"touching", {{1, 2}, {3, 4}}, {{1, 4}}},
      {"touching from below", {{3, 4}, {1, 2}}, {{1, 4}}},
      {"a gap of one stays", {{1, 2}, {4, 4}}, {{1, 2}, {4, 4}}},
      {"bridging", {{1, 2}, {6, 7}, {12, 13}, {3, 6}}, {{1, 7}, {12, 13}}},
      {"inside", {{1, 9}, {3, 4}}, {{1, 9}}},
      {"around", {{3, 4}, {6, 7}, {1, 9}}, {{1, 9}}},
      {"all of time", {{1, 2}, {kMinTimestamp, kMaxTimestamp}}, {{kMinTimestamp, kMaxTimestamp}}},
      {"the ends of time",
       {{kMaxTimestamp, kMaxTimestamp}, {kMinTimestamp, kMinTimestamp}},
       {{kMinTimestamp, kMinTimestamp}, {kMaxTimestamp, kMaxTimestamp}}},
      {"up to the end of time", {{1, kMaxTimestamp}, {5, kMaxTimestamp}}, {{1, kMaxTimestamp}}},
  };
  for (const Case& c : cases) {
    IntervalSet set;
    for (const TimeRange& range : c.added) set.Add(range);
    EXPECT_THAT(set.ranges(), ElementsAreArray(c.want)) << c.name;
  }
}

TEST(IntervalSetTest, AgreesWithASetOfTimes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    IntervalSet set;
    std::set<TimestampMs> times;
    for (int i = 0; i < 8; ++i) {
      const TimestampMs min = random() % 50, max = min + random() % 6;
      set.Add({min, max});
      for (TimestampMs t = min; t <= max; ++t) times.insert(t);
    }
    SampleColumns samples, kept;
    for (TimestampMs t = 0; t < 60; ++t) {
      ASSERT_EQ(set.Contains(t), times.contains(t));
      if (random() % 3 == 0) continue;
      samples.push_back(t, static_cast<double>(t));
      if (!times.contains(t)) kept.push_back(t, static_cast<double>(t));
    }
    set.RemoveFrom(samples);
    ASSERT_EQ(samples.timestamps, kept.timestamps);
    ASSERT_EQ(samples.values, kept.values);
    const TimestampMs min = random() % 50, max = min + random() % 8;
    const auto inside = std::distance(times.lower_bound(min), times.upper_bound(max));
    ASSERT_EQ(set.Overlaps({min, max}), inside > 0);
    ASSERT_EQ(set.Covers({min, max}), inside == max - min + 1);
  }
}

TEST(IntervalSetTest, AddsAnotherSet) {
  IntervalSet a, b;
  a.Add({1, 2});
  b.Add({3, 3});
  b.Add({7, 8});
  a.AddAll(b);
  EXPECT_THAT(a.ranges(), ElementsAre(TimeRange{1, 3}, TimeRange{7, 8}));
}

}  // namespace
}  // namespace tidemark::tsdb
