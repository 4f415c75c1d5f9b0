#include "scrape/loop/scrape_schedule.h"

#include <gtest/gtest.h>

#include <set>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

TEST(ScrapeScheduleTest, PhaseIsHashXorSeedModInterval) {
  const ScrapeSchedule schedule(15'000, 20'000 ^ 77, 77);  // phase 5,000
  EXPECT_EQ(schedule.NextAfter(0), 5'000);
  EXPECT_EQ(schedule.NextAfter(4'999), 5'000);
  EXPECT_EQ(schedule.NextAfter(5'000), 20'000) << "later, not at";
  EXPECT_EQ(schedule.NextAfter(-10'001), -10'000);
}

TEST(ScrapeScheduleTest, Snaps) {
  struct Case {
    std::string_view name;
    DurationMs interval;
    TimestampMs at, want;
  };
  constexpr Case kCases[] = {
      {"on time", 15'000, 30'000, 30'000},
      {"2 ms late", 15'000, 30'002, 30'000},
      {"3 ms late", 15'000, 30'003, 30'003},
      {"early is late for the one before", 15'000, 29'999, 29'999},
      {"1 % of 100 ms", 100, 201, 200},
      {"2 % of 100 ms", 100, 202, 202},
      {"no tolerance below 100 ms", 50, 101, 101},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(ScrapeSchedule(c.interval, 0, 0).Snap(c.at), c.want) << c.name;
  }
}

TEST(ScrapeScheduleTest, SnapsAsFarAsItIsTold) {
  const ScrapeSchedule wide(15'000, 0, 0, {.timestamp_tolerance = 100});
  EXPECT_EQ(wide.Snap(30'100), 30'000);
  EXPECT_EQ(wide.Snap(30'101), 30'101);
  const ScrapeSchedule wider(15'000, 0, 0, {.timestamp_tolerance = kMinute});
  EXPECT_EQ(wider.Snap(30'150), 30'000) << "1 % is the most";
  EXPECT_EQ(wider.Snap(30'151), 30'151);
  const ScrapeSchedule none(15'000, 0, 0, {.adjust_timestamps = false});
  EXPECT_EQ(none.Snap(30'001), 30'001);
}

TEST(ScrapeScheduleTest, MissedWhileTheServerWasDown) {
  const ScrapeSchedule schedule(15'000, 5'000, 0);  // due at 5 s, 20 s, 35 s
  struct Case {
    TimestampMs last_alive, now;
    bool missed;
  };
  constexpr Case kCases[] = {
      {19'000, 21'000, true},  {20'000, 21'000, false},        {19'999, 20'000, true},
      {6'000, 19'999, false},  {6'000, 20'999, true},          {6'000, 21'000, false},
      {25'000, 21'000, false}, {kMinTimestamp, 21'000, false},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(schedule.IsMissed(c.last_alive, c.now), c.missed) << c.last_alive << " " << c.now;
  }
}

TEST(ScrapeScheduleTest, TargetsAndServersSpread) {
  std::set<TimestampMs> phases;
  for (int i = 0; i < 100; ++i) {
    const uint64_t hash = TargetHash({{"job", "x"}}, StrCat("http://host-", i, ":9100/metrics"));
    phases.insert(ScrapeSchedule(15'000, hash, 0).NextAfter(0));
  }
  EXPECT_GT(phases.size(), 90u);
  EXPECT_NE(ServerSeed("a", {}), ServerSeed("b", {}));
  EXPECT_NE(ServerSeed("a", {}), ServerSeed("a", {{"replica", "2"}}));
  EXPECT_EQ(ServerSeed("", {}), 0xcbf29ce484222325) << "FNV-1a of nothing";
}

}  // namespace
}  // namespace tidemark::scrape
