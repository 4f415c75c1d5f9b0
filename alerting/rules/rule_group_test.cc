#include "alerting/rules/rule_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/model/staleness.h"
#include "base/strings.h"
#include "tests/testing/memory_store.h"

namespace tidemark::alerting {
namespace {

class RecordingNotifier : public Notifier {
 public:
  void Send(std::span<const Notification> alerts) override {
    sent.insert(sent.end(), alerts.begin(), alerts.end());
  }
  std::vector<Notification> sent;
};

RuleConfig Record(std::string name, std::string_view expr) {
  return RuleConfig{false, std::move(name), *promql::Query::Parse(expr), 0, 0, {}, {}};
}
RuleConfig AlertOn(std::string name, std::string_view expr) {
  return RuleConfig{true, std::move(name), *promql::Query::Parse(expr), 0, 0, {}, {}};
}

// Groups whose queries are answered from a table, by the text of the query.
class RuleGroupTest : public ::testing::Test {
 protected:
  RuleGroup MakeGroup(std::vector<RuleConfig> rules, int64_t limit = 0, DurationMs offset = 0,
                      bool restore = false) {
    RuleGroupConfig config;
    config.name = "g";
    config.file = "rules.yml";
    config.limit = limit;
    config.labels = {{"team", "t"}};
    config.rules = std::move(rules);
    return RuleGroup(std::move(config), {kMinute, offset, LabelSet()}, context_, restore);
  }

  absl::StatusOr<promql::InstantVector> Answer(const promql::Query& query, TimestampMs t) {
    asked_.emplace_back(query.text(), t);
    if (const auto it = answers_.find(query.text()); it != answers_.end()) return it->second;
    // Anything else reads a series of the store as it is now.
    promql::InstantVector vector;
    for (const Sample& sample :
         store_.Samples(LabelSet{{"__name__", query.text()}, {"team", "t"}})) {
      if (sample.timestamp == t) vector.push_back({LabelSet(), t, sample.value});
    }
    return vector;
  }

  std::string LastValue(const LabelSet& labels) const {
    const std::vector<Sample> samples = store_.Samples(labels);
    if (samples.empty()) return "absent";
    if (IsStaleMarker(samples.back().value)) return StrCat("stale@", samples.back().timestamp);
    return StrCat(samples.back().value, "@", samples.back().timestamp);
  }
  static promql::InstantVector One(double value, std::string_view job = "a") {
    return {{LabelSet{{"job", job}}, 0, value}};
  }

  testing::MemoryStore store_;
  MetricRegistry metrics_;
  RecordingNotifier notifier_;
  std::map<std::string, absl::StatusOr<promql::InstantVector>> answers_;
  std::vector<std::pair<std::string, TimestampMs>> asked_;
  RuleContext context_{[this](const RuleGroupConfig&, const promql::Query& query, TimestampMs t) {
                         return Answer(query, t);
                       },
                       store_,
                       store_,
                       notifier_,
                       metrics_,
                       RuleManagerOptions()};
  const LabelSet recorded_{{"__name__", "r"}, {"job", "a"}, {"team", "t"}};
};

TEST_F(RuleGroupTest, RecordsAndEndsSeries) {
  RuleGroup group = MakeGroup({Record("r", "m")});
  answers_["m"] = One(7);
  group.Evaluate(1000);
  EXPECT_EQ(LastValue(recorded_), "7@1000");

  answers_["m"] = promql::InstantVector{};
  group.Evaluate(2000);
  EXPECT_EQ(LastValue(recorded_), "stale@2000");
  group.Evaluate(3000);
  EXPECT_EQ(LastValue(recorded_), "stale@2000") << "ended once";
}

TEST_F(RuleGroupTest, LaterRulesSeeEarlierOnes) {
  RuleGroup group = MakeGroup({Record("first", "m"), Record("second", "first")});
  answers_["m"] = promql::InstantVector{{LabelSet(), 0, 5}};
  group.Evaluate(1000);
  EXPECT_EQ(LastValue(LabelSet{{"__name__", "second"}, {"team", "t"}}), "5@1000");
}

TEST_F(RuleGroupTest, QueryOffsetMovesQueriesAndSamplesButNotAlerts) {
  RuleGroup group = MakeGroup({Record("r", "m"), AlertOn("A", "m")}, 0, 300);
  answers_["m"] = One(7);
  group.Evaluate(1000);
  EXPECT_EQ(asked_[0], std::pair(std::string("m"), TimestampMs{700}));
  EXPECT_EQ(LastValue(recorded_), "7@700");
  const LabelSet alerts{{"__name__", "ALERTS"},
                        {"alertname", "A"},
                        {"alertstate", "firing"},
                        {"job", "a"},
                        {"team", "t"}};
  EXPECT_EQ(LastValue(alerts), "1@700");
  EXPECT_EQ(group.Status().rules[1].alerts[0].active_at, 1000);
}

TEST_F(RuleGroupTest, AlertsEndWithTheirState) {
  std::vector<RuleConfig> rules{AlertOn("A", "m")};
  rules[0].hold = kMinute;
  RuleGroup group = MakeGroup(std::move(rules));
  const auto alerts = [](std::string_view state) {
    return LabelSet{{"__name__", "ALERTS"},
                    {"alertname", "A"},
                    {"alertstate", state},
                    {"job", "a"},
                    {"team", "t"}};
  };
  answers_["m"] = One(1);
  group.Evaluate(0);
  EXPECT_EQ(LastValue(alerts("pending")), "1@0");
  group.Evaluate(kMinute);
  EXPECT_EQ(LastValue(alerts("pending")), "stale@60000");
  EXPECT_EQ(LastValue(alerts("firing")), "1@60000");
  answers_["m"] = promql::InstantVector{};
  group.Evaluate(2 * kMinute);
  EXPECT_EQ(LastValue(alerts("firing")), "stale@120000");

  ASSERT_EQ(notifier_.sent.size(), 2u);
  EXPECT_FALSE(notifier_.sent[0].resolved);
  EXPECT_EQ(notifier_.sent[0].ends_at, 5 * kMinute)
      << "four times the longer of interval and delay";
  EXPECT_EQ(notifier_.sent[0].generator_url, "/graph?g0.expr=m&g0.tab=1");
  EXPECT_TRUE(notifier_.sent[1].resolved);
}

TEST_F(RuleGroupTest, AFailingRuleSpoilsNoOther) {
  RuleGroup group = MakeGroup({Record("bad", "b"), Record("r", "m")});
  answers_["b"] = absl::DeadlineExceededError("query timed out");
  answers_["m"] = One(1);
  group.Evaluate(1000);
  EXPECT_EQ(LastValue(recorded_), "1@1000");
  const RuleGroupStatus status = group.Status();
  EXPECT_EQ(status.last_evaluation, 1000);
  EXPECT_EQ(status.rules[0].health, RuleHealth::kError);
  EXPECT_EQ(status.rules[0].last_error, "query timed out");
  EXPECT_EQ(status.rules[1].health, RuleHealth::kOk);
  EXPECT_EQ(status.rules[1].last_error, "");
  EXPECT_THAT(metrics_.Expose(),
              ::testing::HasSubstr(
                  "prometheus_rule_evaluation_failures_total{rule_group=\"rules.yml;g\"} 1\n"));

  answers_["b"] = One(1);
  group.Evaluate(2000);
  EXPECT_EQ(group.Status().rules[0].health, RuleHealth::kOk);
}

TEST_F(RuleGroupTest, TooManySeriesEndNone) {
  RuleGroup group = MakeGroup({Record("r", "m")}, /*limit=*/1);
  answers_["m"] = One(1);
  group.Evaluate(1000);
  answers_["m"] =
      promql::InstantVector{{LabelSet{{"job", "b"}}, 0, 1}, {LabelSet{{"job", "c"}}, 0, 1}};
  group.Evaluate(2000);
  EXPECT_EQ(group.Status().rules[0].last_error, "exceeded limit of 1 with 2 series");
  EXPECT_EQ(LastValue(recorded_), "1@1000") << "no marker";
}

TEST_F(RuleGroupTest, RejectedSamplesAreReported) {
  RuleGroup group = MakeGroup({Record("r", "m")});
  store_.Add(recorded_, 5000, 1);
  answers_["m"] =
      promql::InstantVector{{LabelSet{{"job", "a"}}, 0, 1}, {LabelSet{{"job", "b"}}, 0, 2}};
  group.Evaluate(1000);
  EXPECT_EQ(group.Status().rules[0].last_error, "out of order sample (1 of 2 results dropped)");
  EXPECT_EQ(LastValue(LabelSet{{"__name__", "r"}, {"job", "b"}, {"team", "t"}}), "2@1000");
}

TEST_F(RuleGroupTest, AFailedWriteIsTriedWithTheNextEvaluation) {
  RuleGroup group = MakeGroup({Record("r", "m")});
  answers_["m"] = One(1);
  group.Evaluate(1000);
  store_.FailCommits(absl::UnavailableError("journal"));
  answers_["m"] = promql::InstantVector{};
  group.Evaluate(2000);
  EXPECT_EQ(group.Status().rules[0].health, RuleHealth::kError);
  store_.FailCommits(absl::OkStatus());
  group.Evaluate(3000);
  EXPECT_EQ(LastValue(recorded_), "stale@3000") << "still known to be there";
}

TEST_F(RuleGroupTest, TakeOver) {
  RuleGroup before = MakeGroup({Record("r", "m"), AlertOn("A", "m"), Record("gone", "m")});
  answers_["m"] = One(1);
  before.Evaluate(1000);

  // The alert's expression changed and a rule went away.
  RuleGroup after = MakeGroup({AlertOn("A", "other"), Record("r", "m")});
  after.TakeOver(before);
  EXPECT_EQ(after.Status().rules[0].state, AlertState::kFiring);
  EXPECT_EQ(after.Status().last_evaluation, 1000);
  answers_["m"] = One(1, "b");
  answers_["other"] = One(3);
  after.Evaluate(2000);
  EXPECT_EQ(LastValue(recorded_), "stale@2000");
  EXPECT_EQ(LastValue(LabelSet{{"__name__", "gone"}, {"job", "a"}, {"team", "t"}}), "stale@2000");
  ASSERT_EQ(after.Status().rules[0].alerts.size(), 1u);
  EXPECT_EQ(after.Status().rules[0].alerts[0].active_at, 1000);
  EXPECT_EQ(notifier_.sent.size(), 1u) << "told before the reload";
}

TEST_F(RuleGroupTest, RestoreLetsAlertsWriteTheirSeries) {
  RuleGroup group = MakeGroup({AlertOn("A", "m")}, 0, 0, /*restore=*/true);
  answers_["m"] = One(1);
  group.Evaluate(1000);
  EXPECT_TRUE(store_.SeriesLabels().empty());
  EXPECT_EQ(notifier_.sent.size(), 1u) << "receivers are told all the same";
  group.Restore(1500);
  group.Evaluate(2000);
  EXPECT_EQ(store_.SeriesLabels().size(), 2u);
}

TEST_F(RuleGroupTest, TemplatesCanQuery) {
  std::vector<RuleConfig> rules{AlertOn("A", "m")};
  rules[0].annotations = {
      {"others", "{{ range query \"n\" }}{{ .Labels.job }}={{ .Value }};{{ end }}"}};
  RuleGroup group = MakeGroup(std::move(rules), 0, 300);
  answers_["m"] = One(1);
  answers_["n"] =
      promql::InstantVector{{LabelSet{{"job", "x"}}, 0, 1}, {LabelSet{{"job", "y"}}, 0, 2}};
  group.Evaluate(1000);
  EXPECT_EQ(group.Status().rules[0].alerts[0].annotations.Get("others"), "x=1;y=2;");
  EXPECT_EQ(asked_.back(), std::pair(std::string("n"), TimestampMs{1000}));
}

}  // namespace
}  // namespace tidemark::alerting
