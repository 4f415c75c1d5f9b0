#include "alerting/rule_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/time/clock.h"

#include "alerting/rules/group_schedule.h"
#include "base/io/file.h"
#include "base/model/staleness.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/memory_store.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::alerting {
namespace {

constexpr TimestampMs kStart = 1'000'000 * kSecond;

class NullNotifier : public Notifier {
 public:
  void Send(std::span<const Notification>) override {}
};

// A manager over a store in memory, whose time a test moves.
class RuleManagerTest : public ::testing::Test {
 protected:
  ~RuleManagerTest() override { manager_.Stop(); }

  void Apply(std::string_view rules) {
    auto groups = ParseRuleFile(rules, "rules.yml", {});
    ASSERT_TRUE(groups.ok()) << groups.status();
    RulesConfig config;
    config.groups = *std::move(groups);
    manager_.ApplyConfig(std::move(config));
  }
  // The slot of a group of the default interval that comes `n` after the first.
  static TimestampMs Slot(std::string_view group, int n) {
    return GroupSchedule("rules.yml", group, kMinute).SlotAfter(kStart) + n * kMinute;
  }
  // Moves the time and waits until the group has been evaluated for it.
  void Reach(TimestampMs slot, size_t group = 0) {
    clock_.Set(slot);
    while (manager_.Groups().at(group).last_evaluation < slot ||
           manager_.Groups().at(group).rules.back().last_evaluation < slot) {
      absl::SleepFor(absl::Milliseconds(1));  // until the condition above holds
    }
  }
  std::vector<Sample> Recorded(std::string_view name) const {
    return store_.Samples(LabelSet{{"__name__", name}});
  }

  testing::MemoryStore store_;
  MetricRegistry metrics_, other_metrics_;
  NullNotifier notifier_;
  FakeClock clock_{kStart};
  ThreadPool pool_{2};
  promql::Engine engine_{promql::EngineOptions(), pool_, metrics_};
  RuleManager manager_{engine_, store_, store_,   notifier_,
                       pool_,   clock_, metrics_, RuleManagerOptions()};
};

TEST_F(RuleManagerTest, EvaluatesOnTheGridOfSlots) {
  Apply("groups: [{name: g, rules: [{record: one, expr: 'vector(1)'}]}]");
  EXPECT_EQ(manager_.Groups()[0].last_evaluation, 0);
  EXPECT_EQ(manager_.Groups()[0].rules[0].health, RuleHealth::kUnknown);
  Reach(Slot("g", 0));
  Reach(Slot("g", 1));
  const std::vector<Sample> samples = Recorded("one");
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].timestamp, Slot("g", 0));
  EXPECT_EQ(samples[1].timestamp, Slot("g", 1));
  EXPECT_EQ(samples[1].value, 1);
}

TEST_F(RuleManagerTest, AScalarIsASeriesAndAMatrixAnError) {
  Apply("groups: [{name: g, rules: [{record: two, expr: '1 + 1'}, {record: bad, expr: 'm[5m]'}]}]");
  Reach(Slot("g", 0));
  ASSERT_EQ(Recorded("two").size(), 1u);
  EXPECT_EQ(Recorded("two")[0].value, 2);
  EXPECT_EQ(manager_.Groups()[0].rules[1].last_error, "rule result is not a vector or scalar");
}

TEST_F(RuleManagerTest, AnUnchangedGroupGoesOn) {
  constexpr std::string_view kRules =
      "groups: [{name: g, rules: [{record: one, expr: 'vector(1)'}]}]";
  Apply(kRules);
  Reach(Slot("g", 0));
  Apply(kRules);
  EXPECT_EQ(manager_.Groups()[0].rules[0].health, RuleHealth::kOk) << "not a new group";
  Reach(Slot("g", 1));
  EXPECT_EQ(Recorded("one").size(), 2u);
}

TEST_F(RuleManagerTest, AChangedGroupKeepsItsAlerts) {
  Apply("groups: [{name: g, rules: [{alert: A, expr: 'vector(1)', for: 1m}]}]");
  Reach(Slot("g", 0));
  EXPECT_EQ(manager_.Groups()[0].rules[0].state, AlertState::kPending);
  Apply("groups: [{name: g, rules: [{alert: A, expr: 'vector(2)', for: 1m}]}]");
  EXPECT_EQ(manager_.Groups()[0].rules[0].state, AlertState::kPending);
  Reach(Slot("g", 1));
  EXPECT_EQ(manager_.Groups()[0].rules[0].state, AlertState::kFiring);
  EXPECT_EQ(manager_.Groups()[0].rules[0].alerts[0].value, 2);
}

TEST_F(RuleManagerTest, AGroupThatTwoPatternsFindIsOneGroup) {
  const auto apply_twice = [this] {
    auto groups = ParseRuleFile(
        "groups: [{name: g, rules: [{alert: A, expr: 'vector(1)', for: 5m},"
        "                           {record: one, expr: 'vector(1)'}]}]",
        "rules.yml", {});
    ASSERT_TRUE(groups.ok()) << groups.status();
    RulesConfig config;
    config.groups = {groups->front(), groups->front()};
    manager_.ApplyConfig(std::move(config));
  };
  apply_twice();
  Reach(Slot("g", 0));
  apply_twice();
  ASSERT_EQ(manager_.Groups().size(), 1u);
  EXPECT_EQ(manager_.Groups()[0].rules[0].state, AlertState::kPending);
  Reach(Slot("g", 1));
  EXPECT_EQ(Recorded("one").size(), 2u);
}

TEST_F(RuleManagerTest, GroupsCanBeReadDuringAReload) {
  Apply("groups: [{name: g, rules: [{alert: A, expr: 'vector(0)', for: 1m}]}]");
  Reach(Slot("g", 0));
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) EXPECT_EQ(manager_.Groups().at(0).rules[0].state, AlertState::kPending);
  });
  for (int i = 1; i < 500; ++i) {
    Apply(StrCat("groups: [{name: g, rules: [{alert: A, expr: 'vector(", i, ")', for: 1m}]}]"));
  }
  done = true;
  reader.join();
  EXPECT_EQ(manager_.Groups()[0].rules[0].state, AlertState::kPending);
}

TEST_F(RuleManagerTest, QueriesAreLoggedWithTheirGroup) {
  const testing::TempDirectory directory;
  promql::QueryLog query_log;
  ASSERT_TRUE(query_log.Open(directory.path() + "/q.log").ok());
  RuleManagerOptions options;
  options.query_log = &query_log;
  RuleManager manager(engine_, store_, store_, notifier_, pool_, clock_, other_metrics_, options);
  auto groups = ParseRuleFile("groups: [{name: g, rules: [{record: one, expr: 'vector(1)'}]}]",
                              "rules.yml", {});
  ASSERT_TRUE(groups.ok());
  RulesConfig config;
  config.groups = *std::move(groups);
  manager.ApplyConfig(std::move(config));
  clock_.Set(Slot("g", 0));
  while (Recorded("one").empty()) absl::SleepFor(absl::Milliseconds(1));
  manager.Stop();
  const std::string line = *ReadFile(directory.path() + "/q.log");
  EXPECT_THAT(line, ::testing::HasSubstr(R"-("query":"vector(1)")-"));
  EXPECT_THAT(line, ::testing::EndsWith(R"("ruleGroup":{"file":"rules.yml","name":"g"}})"
                                        "\n"));
}

TEST_F(RuleManagerTest, SeriesOfARemovedGroupEndTwoIntervalsLater) {
  Apply("groups: [{name: g, rules: [{record: one, expr: 'vector(1)'}]}]");
  Reach(Slot("g", 0));
  const TimestampMs removed = Slot("g", 0) + 10;
  clock_.Set(removed);
  Apply("groups: []");
  EXPECT_TRUE(manager_.Groups().empty());
  EXPECT_EQ(Recorded("one").size(), 1u);
  clock_.Advance(2 * kMinute);
  while (Recorded("one").size() < 2) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(Recorded("one")[1].timestamp, removed);
  EXPECT_TRUE(IsStaleMarker(Recorded("one")[1].value));
}

TEST_F(RuleManagerTest, MissedSlotsAreCountedAndLeftOut) {
  Apply("groups: [{name: g, rules: [{record: one, expr: 'vector(1)'}]}]");
  // The first evaluation begins when the third slot after its own is over.
  clock_.Set(Slot("g", 3));
  while (Recorded("one").size() < 2) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(Recorded("one")[0].timestamp, Slot("g", 0));
  EXPECT_EQ(Recorded("one")[1].timestamp, Slot("g", 3));
  EXPECT_THAT(metrics_.Expose(),
              ::testing::HasSubstr(
                  "prometheus_rule_group_iterations_missed_total{rule_group=\"rules.yml;g\"} 2\n"));
}

TEST_F(RuleManagerTest, AlertsAreRestoredAfterARestart) {
  // Active for 50 minutes when the server went down, 20 minutes before it came back.
  const TimestampMs down = kStart - 20 * kMinute;
  store_.Add(LabelSet{{"__name__", "ALERTS_FOR_STATE"}, {"alertname", "A"}}, down,
             static_cast<double>((down - 50 * kMinute) / kSecond));
  Apply("groups: [{name: g, rules: [{alert: A, expr: 'vector(1)', for: 45m}]}]");
  Reach(Slot("g", 0));
  Reach(Slot("g", 1));
  EXPECT_TRUE(
      store_
          .Samples(LabelSet{{"__name__", "ALERTS"}, {"alertname", "A"}, {"alertstate", "pending"}})
          .empty())
      << "nothing is written before the restoration";
  Reach(Slot("g", 2));
  EXPECT_EQ(manager_.Groups()[0].rules[0].state, AlertState::kFiring);
  EXPECT_EQ(manager_.Groups()[0].rules[0].alerts[0].active_at, down - 50 * kMinute);
}

TEST_F(RuleManagerTest, GroupsAreSortedAndStopIsFinal) {
  Apply("groups: [{name: z, rules: [{record: z, expr: '1'}]}, {name: a}]");
  ASSERT_EQ(manager_.Groups().size(), 2u);
  EXPECT_EQ(manager_.Groups()[0].name, "a");
  manager_.Stop();
  manager_.Stop();
  clock_.Advance(kHour);
  Apply("groups: [{name: b}]");
  EXPECT_EQ(manager_.Groups()[0].name, "b");
  EXPECT_TRUE(Recorded("z").empty());
}

}  // namespace
}  // namespace tidemark::alerting
