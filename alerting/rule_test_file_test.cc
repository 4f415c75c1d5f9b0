#include "alerting/rule_test_file.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::alerting {
namespace {

TEST(RuleTestFileTest, ReadsEverything) {
  const auto file = ParseRuleTestFile(R"(
rule_files: [a.yml, /b/*.yml]
evaluation_interval: 30s
group_eval_order: [two, one]
fuzzy_compare: true
tests:
- name: first
  interval: 15s
  start_timestamp: 2024-01-01T00:00:00Z
  external_labels: {region: eu}
  external_url: http://x
  input_series:
  - {series: 'up{a="1"}', values: '0 1'}
  alert_rule_test:
  - eval_time: 1m
    alertname: Down
    groupname: one
    exp_alerts: [{exp_labels: {a: '1'}, exp_annotations: {b: c}}]
  promql_expr_test:
  - expr: up
    eval_time: 15s
    exp_samples: [{labels: 'up{a="1"}', value: 1}]
- {start_timestamp: 1.5}
)",
                                      "dir/test.yml");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->rule_patterns, (std::vector<std::string>{"dir/a.yml", "/b/*.yml"}));
  EXPECT_EQ(file->evaluation_interval, 30 * kSecond);
  EXPECT_EQ(file->group_order, (std::vector<std::string>{"two", "one"}));
  EXPECT_TRUE(file->fuzzy_compare);
  ASSERT_EQ(file->groups.size(), 2u);
  const RuleTestGroup& group = file->groups[0];
  EXPECT_EQ(group.name, "first");
  EXPECT_EQ(group.interval, 15 * kSecond);
  EXPECT_EQ(group.start, 1'704'067'200'000);
  EXPECT_EQ(group.external_labels, (LabelSet{{"region", "eu"}}));
  EXPECT_EQ(group.external_url, "http://x");
  EXPECT_EQ(group.input[0].values, "0 1");
  EXPECT_EQ(group.alert_tests[0].group_name, "one");
  EXPECT_EQ(group.alert_tests[0].expected[0].annotations, (LabelSet{{"b", "c"}}));
  EXPECT_EQ(group.expression_tests[0].expected[0].value, 1);
  EXPECT_EQ(file->groups[1].interval, 30 * kSecond) << "the evaluation interval";
  EXPECT_EQ(file->groups[1].start, 1500);
}

TEST(RuleTestFileTest, RefusesWhatIsWrong) {
  struct Case {
    std::string_view text, want;
  };
  constexpr Case kCases[] = {
      {"a: [\n", "t.yml:"},
      {"tests:\n- nonsense: 1\n", "t.yml:2: field nonsense not found"},
      {"tests:\n- alert_rule_test:\n  - {eval_time: x}\n", "t.yml:3: "},
      {"tests:\n- promql_expr_test:\n  - exp_samples:\n    - {value: x}\n", "t.yml:4: "},
      {"tests: [{start_timestamp: soon}]\n", "cannot parse \"soon\" to a valid timestamp"},
      {"group_eval_order: [a, b, a]\n", "group name repeated in evaluation order: a"},
  };
  for (const Case& c : kCases) {
    const auto file = ParseRuleTestFile(c.text, "t.yml");
    ASSERT_FALSE(file.ok()) << c.text;
    EXPECT_NE(file.status().message().find(ToAbsl(c.want)), absl::string_view::npos)
        << file.status();
  }
}

}  // namespace
}  // namespace tidemark::alerting
