#include "alerting/rule_test_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>

#include "base/strings.h"
#include "tests/testing/memory_store.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kRules = R"(groups:
- name: record
  interval: 5m
  rules:
  - {record: job:up:sum, expr: sum by (job) (up)}
- name: alert
  rules:
  - alert: Down
    expr: up == 0
    for: 2m
    labels: {severity: page, from: '{{ $externalLabels.region }}'}
    annotations: {text: '{{ $labels.i }} {{ $value }} {{ $externalURL }}'}
- name: double
  rules:
  - {record: job:up:double, expr: 2 * job:up:sum}
- name: histograms
  rules:
  - {record: job:h:sum, expr: sum by (job) (h)}
)";
constexpr std::string_view kInput = R"(
  external_labels: {region: eu}
  external_url: http://x
  input_series:
  - {series: 'up{job="p", i="a"}', values: '0x10'}
  - {series: 'up{job="p", i="b"}', values: '1x4 _x6'}
  - {series: 'h{job="p"}', values: '{{count:3 sum:5 buckets:[1 2]}}x10'}
)";

class RuleTestRunnerTest : public ::testing::Test {
 protected:
  RuleTestRunnerTest() {
    std::ofstream(rules_) << kRules;
    options_.new_store = []() -> absl::StatusOr<promql::TestStore> {
      const auto store = std::make_shared<testing::MemoryStore>();
      return promql::TestStore{store, store};
    };
  }

  // The failures of one group with the input above.
  std::vector<std::string> RunTests(std::string_view tests, std::string_view head = "") const {
    const auto file = ParseRuleTestFile(StrCat(head, "\ntests:\n- name: one", kInput, tests), "t");
    if (!file.ok()) return {std::string(file.status().message())};
    const auto results = RunRuleTests(*file, {rules_}, options_);
    if (!results.ok()) return {std::string(results.status().message())};
    std::vector<std::string> failures;
    for (const RuleTestResult& result : *results) {
      failures.insert(failures.end(), result.failures.begin(), result.failures.end());
    }
    return failures;
  }

  const testing::TempDirectory directory_;
  const std::string rules_ = directory_.path() + "/rules.yml";
  RuleTestOptions options_;
};

constexpr std::string_view kFiring = R"(
  alert_rule_test:
  - eval_time: 2m30s  # as of 2m
    alertname: Down
    exp_alerts:
    - exp_labels: {severity: page, from: eu, job: p, i: a}
      exp_annotations: {text: 'a 0 http://x'}
  - {eval_time: 1m, alertname: Down}
  - {eval_time: 9m, alertname: Down, groupname: record}
)";

TEST_F(RuleTestRunnerTest, WhatIsAsExpectedGivesNoFailure) {
  EXPECT_THAT(RunTests(kFiring), IsEmpty());
  EXPECT_THAT(RunTests(R"(
  promql_expr_test:
  - {expr: 'job:up:double', eval_time: 4m, exp_samples: [{labels: 'job:up:double{job="p"}', value: 2}]}
  - {expr: 'vector(0.1 + 0.2)', eval_time: 1m, exp_samples: [{labels: '{}', value: 0.3}]}
  - {expr: '1', eval_time: 1m, exp_samples: [{value: 1}]}
  - {expr: 'up / 0 == 0', eval_time: 1m}
  - {expr: 'up{i="a"} / 0', eval_time: 1m, exp_samples: [{labels: '{job="p",i="a"}', value: .nan}]}
)",
                       "fuzzy_compare: true\ngroup_eval_order: [record, double]"),
              IsEmpty());
}

TEST_F(RuleTestRunnerTest, TheStartMayBeAnyTime) {
  EXPECT_THAT(RunTests(StrCat("  start_timestamp: 2024-01-01T00:00:00Z\n", R"(
  promql_expr_test:
  - {expr: 'time()', eval_time: 1m, exp_samples: [{value: 1704067260}]}
  - {expr: 'count(up)', eval_time: 4m, exp_samples: [{value: 2}]}
)",
                              kFiring.substr(1))),
              IsEmpty());
}

TEST_F(RuleTestRunnerTest, FailuresAreWordedAsPromtoolDoes) {
  EXPECT_THAT(
      RunTests(R"(
  promql_expr_test:
  - {expr: 'job:up:sum', eval_time: 1m, exp_samples: [{labels: 'a{b="c"}', value: 2.5}]}
  - {expr: 'sum(', eval_time: 90s}
  - {expr: '"text"', eval_time: 0s}
  - {expr: 'up', exp_samples: [{labels: 'up{i=~"a"}'}]}
  - {expr: 'job:h:sum', exp_samples: [{labels: x, histogram: '{{count:1 buckets:[0 1 0]}}'}]}
  - {expr: 'up', exp_samples: [{histogram: '{{count:}}'}]}
)"),
      ElementsAre(
          "    expr: \"job:up:sum\", time: 1m,\n"
          "        exp: {__name__=\"a\", b=\"c\"} 2.5E+00\n"
          "        got: {__name__=\"job:up:sum\", job=\"p\"} 1E+00",
          "    expr: \"sum(\", time: 1m30s, err: 1:5: parse error: unclosed left "
          "parenthesis",
          "    expr: \"\\\"text\\\"\", time: 0s, err: rule result is not a vector or "
          "scalar",
          HasSubstr("labels \"up{i=~\\\"a\\\"}\": a series has labels with \"=\""),
          "    expr: \"job:h:sum\", time: 0s,\n"
          "        exp: {__name__=\"x\"} {{count:1 offset:1 buckets:[1]}}\n"
          "        got: {__name__=\"job:h:sum\", job=\"p\"} {{count:3 sum:5 buckets:[1 2]}}",
          HasSubstr("labels \"\": ")));
  EXPECT_THAT(
      RunTests("  alert_rule_test: [{eval_time: 2m, alertname: Down}]"),
      ElementsAre("    name: one,\n    alertname: Down, time: 2m, \n        exp:[], \n"
                  "        got:[\n"
                  "            0:\n"
                  "              Labels:{alertname=\"Down\", from=\"eu\", i=\"a\", job=\"p\", "
                  "severity=\"page\"}\n"
                  "              Annotations:{text=\"a 0 http://x\"}\n"
                  "            ]"));
}

TEST_F(RuleTestRunnerTest, Differences) {
  options_.diff = true;
  const std::vector<std::string> failures = RunTests(R"(
  alert_rule_test:
  - eval_time: 2m
    alertname: Down
    exp_alerts: [{exp_labels: {severity: ticket, job: p, i: a, own: x}}]
)");
  ASSERT_EQ(failures.size(), 1u);
  for (const std::string_view part :
       {"diff: [\n                {\n                    \"Annotations\": {\n",
        "\n                        \033[0;32m\"text\": \"a 0 http://x\"\033[0m\n",
        "\n                        \"i\": \"a\",\n",
        "\n                        \033[0;31m\"own\": \"x\"\033[0m,\n",
        "\n                        \"severity\": \033[0;33m\"ticket\" => \"page\"\033[0m\n"}) {
    EXPECT_THAT(failures[0], HasSubstr(std::string(part)));
  }
}

TEST_F(RuleTestRunnerTest, WhatCannotBeRun) {
  EXPECT_THAT(RunTests("  alert_rule_test: [{eval_time: 1m}]"),
              ElementsAre("an item under alert_rule_test misses required attribute alertname at "
                          "eval_time 1m (in TestGroup one)"));
  EXPECT_THAT(RunTests("  - {series: 'x{', values: '1'}"),
              ElementsAre(HasSubstr("input series \"x{\": 1:3: parse error")));
  EXPECT_THAT(RunTests("  - {series: x, values: '1 one'}"),
              ElementsAre("input series \"x\": not a number: one"));
  std::ofstream(rules_) << "groups: [{name: g, odd: 1, rules: [{record: a, expr: 'up or on(i) up'},"
                           "{record: b, expr: 'label_replace(up, \"i\", \"x\", \"\", \"\")'}]}]\n";
  EXPECT_THAT(RunTests("\n"), ElementsAre(HasSubstr("rules.yml:1: field odd not found")));
  options_.unknown_fields = UnknownFields::kIgnore;
  EXPECT_THAT(
      RunTests("  promql_expr_test: [{expr: up, eval_time: 1m}]"),
      ElementsAre(HasSubstr("    rule: b, time: 0s, err: vector cannot contain metrics with "
                            "the same labelset")));
}

TEST_F(RuleTestRunnerTest, RunChoosesGroupsAndDebugPrintsTheirData) {
  std::string log;
  options_.debug = [&log](std::string_view line) { StrAppend(&log, line, "\n"); };
  options_.run = *SearchRegex::Create("two");
  EXPECT_THAT(RunTests("  alert_rule_test: [{eval_time: 2m, alertname: Down}]"), IsEmpty());
  EXPECT_EQ(log, "");
  options_.run = *SearchRegex::Create("on");
  EXPECT_THAT(RunTests("  promql_expr_test: [{expr: none, eval_time: 1m}]"), IsEmpty());
  EXPECT_THAT(log, HasSubstr("DEBUG: Starting test one\nDEBUG: Dump of all data (input_series and "
                             "rules) at 1m1s:\n"));
  EXPECT_THAT(log, HasSubstr("{__name__=\"up\", i=\"a\", job=\"p\"} =>\n0 @[60000]\n"));
}

}  // namespace
}  // namespace tidemark::alerting
