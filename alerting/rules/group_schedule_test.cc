#include "alerting/rules/group_schedule.h"

#include <gtest/gtest.h>

#include <set>

#include "base/strings.h"

namespace tidemark::alerting {
namespace {

TEST(GroupScheduleTest, SlotsAreOneGridForAllTimes) {
  const GroupSchedule schedule("rules.yml", "g", kMinute);
  const TimestampMs slot = schedule.SlotAtOrBefore(0);
  EXPECT_LE(slot, 0);
  EXPECT_GT(slot, -kMinute);
  for (const TimestampMs k : {-1000, -1, 0, 1, 1000}) {
    const TimestampMs t = slot + k * kMinute;
    EXPECT_EQ(schedule.SlotAtOrBefore(t), t);
    EXPECT_EQ(schedule.SlotAtOrBefore(t + kMinute - 1), t);
    EXPECT_EQ(schedule.SlotAtOrBefore(t - 1), t - kMinute);
    EXPECT_EQ(schedule.SlotAfter(t), t + kMinute);
  }
}

TEST(GroupScheduleTest, GroupsAreSpread) {
  std::set<TimestampMs> slots;
  for (int i = 0; i < 100; ++i) {
    slots.insert(GroupSchedule("rules.yml", StrCat("g", i), kMinute).SlotAtOrBefore(0));
  }
  EXPECT_GT(slots.size(), 90u);
}

TEST(GroupScheduleTest, After) {
  const GroupSchedule schedule("rules.yml", "g", kMinute);
  const TimestampMs slot = schedule.SlotAtOrBefore(0);
  struct Case {
    std::string_view name;
    DurationMs took;
    int64_t want_intervals, want_missed;
  };
  constexpr Case kCases[] = {
      {"at once", 0, 1, 0},
      {"in time", kMinute - 1, 1, 0},
      {"late, but the next slot is not over", 2 * kMinute - 1, 1, 0},
      {"one slot missed", 2 * kMinute, 2, 1},
      {"many slots missed", 10 * kMinute + 1, 10, 9},
  };
  for (const Case& c : kCases) {
    const GroupSchedule::Next next = schedule.After(slot, slot + c.took);
    EXPECT_EQ(next.slot, slot + c.want_intervals * kMinute) << c.name;
    EXPECT_EQ(next.missed, c.want_missed) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::alerting
