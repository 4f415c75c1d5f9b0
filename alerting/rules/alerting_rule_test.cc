#include "alerting/rules/alerting_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::alerting {
namespace {

RuleConfig MakeConfig(DurationMs hold, DurationMs keep_firing_for = 0) {
  return RuleConfig{true, "A", *promql::Query::Parse("m > 0"), hold, keep_firing_for, {}, {}};
}

// An alerting rule that is evaluated every minute from minute 0 on.
class Scenario {
 public:
  explicit Scenario(const RuleConfig& config, RuleLabels labels = {}, bool restored = true)
      : rule_(config, std::move(labels), restored) {}

  // Evaluates with one series m{job="a"}, or none.
  absl::StatusOr<promql::InstantVector> Step(bool present, double value = 1, int64_t limit = 0) {
    promql::InstantVector result;
    if (present) result.push_back({LabelSet{{"__name__", "m"}, {"job", "a"}}, now_, value});
    return Step(result, limit);
  }
  absl::StatusOr<promql::InstantVector> Step(const promql::InstantVector& result,
                                             int64_t limit = 0) {
    now_ += kMinute;
    auto wanted = rule_.Expand(result, {LabelSet(), TemplateEnvironment()});
    if (!wanted.ok()) return wanted.status();
    return rule_.Advance(*std::move(wanted), now_, now_, limit);
  }
  std::vector<Notification> Take() {
    return rule_.TakeNotifications(now_, kMinute, 4 * kMinute, "http://link");
  }
  AlertingRule& rule() { return rule_; }
  TimestampMs now() const { return now_; }

 private:
  AlertingRule rule_;
  TimestampMs now_ = -kMinute;
};

char Letter(AlertingRule& rule) {
  if (rule.alerts().empty()) return '-';
  switch (rule.alerts().begin()->second.state) {
    case AlertState::kInactive:
      return 'R';
    case AlertState::kPending:
      return 'P';
    case AlertState::kFiring:
      return 'F';
  }
  return '?';
}

TEST(AlertingRuleTest, States) {
  struct Case {
    std::string_view name;
    DurationMs hold, keep_firing_for;
    std::string_view present;  // x: the series is there, one character an evaluation
    std::string_view want;     // the state after it; - where there is no alert
  };
  constexpr Case kCases[] = {
      {"without `for` it fires at once", 0, 0, "xx", "FF"},
      {"never active", 0, 0, "..", "--"},
      {"pending until `for` has passed", 2 * kMinute, 0, "xxxx", "PPFF"},
      {"pending and missing once is forgotten", 2 * kMinute, 0, "xx.xxx", "PP-PPF"},
      {"firing and missing is resolved", 0, 0, "x..", "FRR"},
      {"resolved is kept for 15 minutes", 0, 0, "x.................", "FRRRRRRRRRRRRRRRR-"},
      {"what was resolved comes back as new", 2 * kMinute, 0, "xxx.xxx", "PPFRPPF"},
      {"kept firing for a while", 0, 2 * kMinute, "x....", "FFFRR"},
      {"back before that ends", 0, 2 * kMinute, "x.x...", "FFFFFR"},
      {"pending is not kept", kMinute, 5 * kMinute, "x.", "P-"},
  };
  for (const Case& c : kCases) {
    Scenario scenario(MakeConfig(c.hold, c.keep_firing_for));
    std::string got;
    for (const char present : c.present) {
      ASSERT_TRUE(scenario.Step(present == 'x').ok()) << c.name;
      got.push_back(Letter(scenario.rule()));
    }
    EXPECT_EQ(got, c.want) << c.name;
  }
}

TEST(AlertingRuleTest, WritesAlertsAndForState) {
  Scenario scenario(MakeConfig(kMinute));
  const LabelSet pending{
      {"__name__", "ALERTS"}, {"alertname", "A"}, {"alertstate", "pending"}, {"job", "a"}};
  const LabelSet firing{
      {"__name__", "ALERTS"}, {"alertname", "A"}, {"alertstate", "firing"}, {"job", "a"}};
  const LabelSet for_state{{"__name__", "ALERTS_FOR_STATE"}, {"alertname", "A"}, {"job", "a"}};

  auto series = scenario.Step(true);
  ASSERT_EQ(series->size(), 2u);
  EXPECT_EQ((*series)[0].labels, pending);
  EXPECT_EQ((*series)[0].value, 1);
  EXPECT_EQ((*series)[1].labels, for_state);
  EXPECT_EQ((*series)[1].value, 0);

  series = scenario.Step(true);
  ASSERT_EQ(series->size(), 2u);
  EXPECT_EQ((*series)[0].labels, firing);
  EXPECT_EQ((*series)[1].value, 0) << "active since the first evaluation";

  EXPECT_TRUE(scenario.Step(false)->empty()) << "resolved";
}

TEST(AlertingRuleTest, WritesNothingBeforeItIsRestored) {
  Scenario scenario(MakeConfig(0), {}, /*restored=*/false);
  EXPECT_TRUE(scenario.Step(true)->empty());
  EXPECT_EQ(scenario.rule().state(), AlertState::kFiring);
  scenario.rule().set_restored();
  EXPECT_EQ(scenario.Step(true)->size(), 2u);
}

TEST(AlertingRuleTest, LabelsAndAnnotations) {
  RuleConfig config = MakeConfig(0);
  config.annotations = {{"summary", "{{ $labels.job }} is at {{ $value }}"}, {"empty", ""}};
  Scenario scenario(config, {{"severity", "{{ if gt $value 5.0 }}high{{ else }}low{{ end }}"},
                             {"job", "was {{ $labels.job }}"}});
  ASSERT_TRUE(scenario.Step(true, 7).ok());
  std::vector<AlertStatus> alerts = scenario.rule().Statuses();
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].labels,
            (LabelSet{{"alertname", "A"}, {"job", "was a"}, {"severity", "high"}}));
  EXPECT_EQ(alerts[0].annotations, (LabelSet{{"summary", "a is at 7"}}));
  EXPECT_EQ(alerts[0].active_at, 0);

  ASSERT_TRUE(scenario.Step(true, 8).ok());
  alerts = scenario.rule().Statuses();
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].annotations.Get("summary"), "a is at 8");
  EXPECT_EQ(alerts[0].value, 8);
  EXPECT_EQ(alerts[0].active_at, 0) << "the same alert";
}

TEST(AlertingRuleTest, EqualLabelsAreAnError) {
  Scenario scenario(MakeConfig(0), {{"job", ""}});
  const auto series =
      scenario.Step({{LabelSet{{"job", "a"}}, 0, 1}, {LabelSet{{"job", "b"}}, 0, 1}});
  EXPECT_EQ(ToStd(series.status().message()),
            "vector contains metrics with the same labelset after applying alert labels");
}

TEST(AlertingRuleTest, MoreThanTheLimitForgetsAll) {
  Scenario scenario(MakeConfig(0));
  ASSERT_TRUE(scenario.Step(true, 1, 1).ok());
  const auto series =
      scenario.Step({{LabelSet{{"job", "a"}}, 0, 1}, {LabelSet{{"job", "b"}}, 0, 1}}, 1);
  EXPECT_EQ(ToStd(series.status().message()), "exceeded limit of 1 with 2 alerts");
  EXPECT_TRUE(scenario.rule().alerts().empty());
}

TEST(AlertingRuleTest, Notifications) {
  Scenario scenario(MakeConfig(kMinute));
  ASSERT_TRUE(scenario.Step(true).ok());
  EXPECT_TRUE(scenario.Take().empty()) << "pending";

  ASSERT_TRUE(scenario.Step(true).ok());
  std::vector<Notification> sent = scenario.Take();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].labels, (LabelSet{{"alertname", "A"}, {"job", "a"}}));
  EXPECT_EQ(sent[0].starts_at, kMinute) << "when it fired";
  EXPECT_EQ(sent[0].ends_at, 5 * kMinute);
  EXPECT_FALSE(sent[0].resolved);
  EXPECT_EQ(sent[0].generator_url, "http://link");
  EXPECT_TRUE(scenario.Take().empty()) << "already told";

  ASSERT_TRUE(scenario.Step(true).ok());
  EXPECT_TRUE(scenario.Take().empty()) << "told exactly a resend delay ago";
  ASSERT_TRUE(scenario.Step(true).ok());
  EXPECT_EQ(scenario.Take().size(), 1u) << "told again";

  ASSERT_TRUE(scenario.Step(false).ok());
  sent = scenario.Take();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].resolved);
  EXPECT_EQ(sent[0].starts_at, kMinute);
  EXPECT_EQ(sent[0].ends_at, 4 * kMinute);
  int num_repeats = 0;
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(scenario.Step(false).ok());
    num_repeats += static_cast<int>(scenario.Take().size());
  }
  EXPECT_EQ(num_repeats, 7) << "every second minute for 15 minutes";
}

TEST(AlertingRuleTest, ReloadKeepsAlertsAndALongerHoldMakesThemPending) {
  Scenario before(MakeConfig(kMinute)), after(MakeConfig(10 * kMinute));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(before.Step(true).ok());
    ASSERT_TRUE(after.Step(false).ok());
  }
  after.rule().TakeOver(before.rule());
  EXPECT_EQ(after.rule().state(), AlertState::kFiring);
  ASSERT_TRUE(after.Step(true).ok());
  EXPECT_EQ(after.rule().state(), AlertState::kPending);
  EXPECT_EQ(after.rule().Statuses()[0].active_at, 0);
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(after.Step(true).ok());
  EXPECT_EQ(after.rule().state(), AlertState::kFiring);
}

}  // namespace
}  // namespace tidemark::alerting
