#include "alerting/rules/alert_restorer.h"

#include <gtest/gtest.h>

#include "base/model/staleness.h"
#include "tests/testing/memory_store.h"

namespace tidemark::alerting {
namespace {

constexpr TimestampMs kNow = 100 * kHour;

TEST(AlertRestorerTest, ActiveSince) {
  struct Case {
    std::string_view name;
    DurationMs hold;
    TimestampMs last_sample;  // of ALERTS_FOR_STATE
    TimestampMs was_active_since;
    TimestampMs want;
  };
  constexpr TimestampMs kDown = kNow - 20 * kMinute;
  constexpr Case kCases[] = {
      {"`for` below the grace period", 9 * kMinute, kDown, kDown - kHour, kNow},
      {"was firing", 30 * kMinute, kDown, kDown - kHour, kDown - kHour},
      {"would fire within the grace period", 30 * kMinute, kDown, kDown - 25 * kMinute,
       kNow - 20 * kMinute},
      {"the outage does not count", kHour, kDown, kDown - 25 * kMinute, kNow - 25 * kMinute},
      {"written too long ago", kHour, kNow - kHour - 1, kNow - 2 * kHour, kNow},
  };
  for (const Case& c : kCases) {
    testing::MemoryStore store;
    store.Add(LabelSet{{"__name__", "ALERTS_FOR_STATE"}, {"alertname", "A"}, {"job", "a"}},
              c.last_sample, static_cast<double>(c.was_active_since / kSecond));
    store.Add(LabelSet{{"__name__", "ALERTS_FOR_STATE"}, {"alertname", "B"}, {"job", "a"}}, kDown,
              1);
    AlertingRule rule(RuleConfig{true, "A", *promql::Query::Parse("m"), c.hold, 0, {}, {}}, {},
                      false);
    auto wanted =
        rule.Expand({{LabelSet{{"job", "a"}}, kNow, 1}}, {LabelSet(), TemplateEnvironment()});
    ASSERT_TRUE(rule.Advance(*std::move(wanted), kNow, kNow, 0).ok());

    ASSERT_TRUE(RestoreAlerts(rule, *store.NewQuerier(), kNow, RestoreOptions()).ok()) << c.name;
    EXPECT_TRUE(rule.restored());
    EXPECT_EQ(rule.alerts().begin()->second.active_at, c.want) << c.name;
  }
}

TEST(AlertRestorerTest, AStaleSeriesIsNotRestored) {
  testing::MemoryStore store;
  const LabelSet series{{"__name__", "ALERTS_FOR_STATE"}, {"alertname", "A"}, {"job", "a"}};
  store.Add(series, kNow - kMinute, 1);
  store.Add(series, kNow - kSecond, StaleMarker());
  AlertingRule rule(RuleConfig{true, "A", *promql::Query::Parse("m"), kHour, 0, {}, {}}, {}, false);
  auto wanted =
      rule.Expand({{LabelSet{{"job", "a"}}, kNow, 1}}, {LabelSet(), TemplateEnvironment()});
  ASSERT_TRUE(rule.Advance(*std::move(wanted), kNow, kNow, 0).ok());
  ASSERT_TRUE(RestoreAlerts(rule, *store.NewQuerier(), kNow, RestoreOptions()).ok());
  EXPECT_EQ(rule.alerts().begin()->second.active_at, kNow);
}

}  // namespace
}  // namespace tidemark::alerting
