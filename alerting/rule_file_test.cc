#include "alerting/rule_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/strings.h"

namespace tidemark::alerting {
namespace {

TEST(RuleFileTest, ReadsEveryField) {
  const auto groups = ParseRuleFile(R"(
groups:
- name: red
  interval: 30s
  query_offset: 10s
  limit: 5
  labels: {team: infra}
  rules:
  - record: job:requests:rate5m
    expr: sum by (job) (rate(requests_total[5m]))
    labels: {source: rule}
  - alert: Down
    expr: up == 0
    for: 1h30m
    keep_firing_for: 5m
    labels: {severity: page}
    annotations:
      summary: "{{ $labels.instance }} is down"
- name: empty
)",
                                    "rules.yml", {});
  ASSERT_TRUE(groups.ok()) << groups.status();
  ASSERT_EQ(groups->size(), 2u);
  const RuleGroupConfig& red = (*groups)[0];
  EXPECT_EQ(red.name, "red");
  EXPECT_EQ(red.file, "rules.yml");
  EXPECT_EQ(red.interval, 30 * kSecond);
  EXPECT_EQ(red.query_offset, 10 * kSecond);
  EXPECT_EQ(red.limit, 5);
  EXPECT_THAT(red.labels, testing::ElementsAre(testing::Pair("team", "infra")));
  ASSERT_EQ(red.rules.size(), 2u);

  EXPECT_FALSE(red.rules[0].is_alert);
  EXPECT_EQ(red.rules[0].name, "job:requests:rate5m");
  EXPECT_EQ(red.rules[0].expr.text(), "sum by (job) (rate(requests_total[5m]))");
  EXPECT_THAT(red.rules[0].labels, testing::ElementsAre(testing::Pair("source", "rule")));

  EXPECT_TRUE(red.rules[1].is_alert);
  EXPECT_EQ(red.rules[1].hold, 90 * kMinute);
  EXPECT_EQ(red.rules[1].keep_firing_for, 5 * kMinute);
  EXPECT_THAT(red.rules[1].annotations,
              testing::ElementsAre(testing::Pair("summary", "{{ $labels.instance }} is down")));

  EXPECT_EQ((*groups)[1].interval, 0);
  EXPECT_EQ((*groups)[1].query_offset, -1);
  EXPECT_TRUE((*groups)[1].rules.empty());
}

TEST(RuleFileTest, AnEmptyFileHasNoGroups) {
  for (const std::string_view text : {"", "groups:", "groups: []"}) {
    const auto groups = ParseRuleFile(text, "rules.yml", {});
    ASSERT_TRUE(groups.ok()) << groups.status();
    EXPECT_TRUE(groups->empty());
  }
}

TEST(RuleFileTest, Refuses) {
  struct Case {
    std::string_view text;
    std::string_view want;  // behind "rules.yml:"
  };
  constexpr Case kCases[] = {
      {"group: []", "1: field group not found"},
      {"groups:\n- rules: []", "2: Groupname must not be empty"},
      {"groups:\n- name: g\n- name: g", "3: groupname: \"g\" is repeated in the same file"},
      {"groups:\n- name: g\n  interval: 5x", "3: "},
      {"groups:\n- name: g\n  limit: many", "3: "},
      {"groups:\n- name: g\n  labels: {__name__: x}", "3: invalid label name: __name__"},
      {"groups:\n- name: g\n  rules:\n  - {record: r, expr: m, when: now}",
       "4: field when not found"},
      {"groups:\n- name: g\n  rules:\n  - {record: r, alert: A, expr: m}",
       "4: group \"g\", rule 1, \"rA\": only one of 'record' and 'alert' must be set"},
      {"groups:\n- name: g\n  rules:\n  - {expr: m}",
       "4: group \"g\", rule 1, \"\": one of 'record' or 'alert' must be set"},
      {"groups:\n- name: g\n  rules:\n  - record: r",
       "4: group \"g\", rule 1, \"r\": field 'expr' must be set in rule"},
      {"groups:\n- name: g\n  rules:\n  - record: r\n    expr: m\n  - record: s\n    expr: sum(m",
       "7: group \"g\", rule 2, \"s\": could not parse expression: 1:"},
      {"groups:\n- name: g\n  rules:\n  - {record: r, expr: m, for: 5m}",
       "4: group \"g\", rule 1, \"r\": invalid field 'for' in recording rule"},
      {"groups:\n- name: g\n  rules:\n  - {record: r, expr: m, keep_firing_for: 5m}",
       "4: group \"g\", rule 1, \"r\": invalid field 'keep_firing_for' in recording rule"},
      {"groups:\n- name: g\n  rules:\n  - {record: r, expr: m, annotations: {a: b}}",
       "4: group \"g\", rule 1, \"r\": invalid field 'annotations' in recording rule"},
      {"groups:\n- name: g\n  rules:\n  - {record: 'r{a=\"b\"}', expr: m}",
       "4: group \"g\", rule 1, \"r{a=\\\"b\\\"}\": braces present in the recording rule name; "
       "should it be in expr?: r{a=\"b\"}"},
      {"groups:\n- name: g\n  rules:\n  - record: r\n    expr: m\n    labels:\n      __name__: x",
       "7: group \"g\", rule 1, \"r\": invalid label name: __name__"},
      {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: m\n    annotations: {'': x}",
       "6: group \"g\", rule 1, \"A\": invalid annotation name: "},
      {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: m\n    labels:\n      x: y\n"
       "      a: '{{ $nope }}'",
       "8: group \"g\", rule 1, \"A\": label \"a\": template: __alert_A:1: undefined variable "
       "\"$nope\""},
      {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: m\n    annotations:\n      a: '{{ f "
       "1 }}'",
       "7: group \"g\", rule 1, \"A\": annotation \"a\": template: __alert_A:1: function \"f\" not "
       "defined"},
  };
  for (const Case& c : kCases) {
    const auto groups = ParseRuleFile(c.text, "rules.yml", {});
    ASSERT_FALSE(groups.ok()) << c.text;
    EXPECT_EQ(groups.status().code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(groups.status().message()),
                testing::StartsWith(StrCat("rules.yml:", c.want)))
        << c.text;
  }
}

TEST(RuleFileTest, LoadsFiles) {
  EXPECT_EQ(LoadRuleFile("/nonexistent/rules.yml", {}).status().code(),
            absl::StatusCode::kNotFound);
  const std::string path = StrCat(testing::TempDir(), "/tidemark_rule_file_test_", getpid());
  std::ofstream(path) << "groups: [{name: g}]";
  const auto groups = LoadRuleFile(path, {});
  std::remove(path.c_str());
  ASSERT_TRUE(groups.ok()) << groups.status();
  EXPECT_EQ(groups->at(0).file, path);
}

}  // namespace
}  // namespace tidemark::alerting
