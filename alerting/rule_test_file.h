#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"

// Unit tests of rules in promtool's format, as data.
// Source: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
namespace tidemark::alerting {

struct ExpectedAlert {
  LabelSet labels, annotations;  // without `alertname`, which the test gives
};

// The alerts of one name that are to fire at a time.
struct AlertTest {
  DurationMs eval_time = 0;  // since the start
  std::string alert_name;    // empty where it is missing, which fails the group
  std::string group_name;    // of one rule group only, where it is given
  std::vector<ExpectedAlert> expected;
};

struct ExpectedSample {
  std::string labels;  // as written
  double value = 0;
  std::string histogram;  // as written; where it is given `value` means nothing
};

// What an expression is to give at a time.
struct ExpressionTest {
  std::string expr;
  DurationMs eval_time = 0;
  std::vector<ExpectedSample> expected;
};

struct InputSeries {
  std::string series, values;  // as written: `up{job="a"}` and `1+0x10`
};

// One entry of `tests`: a store of its own and what rules and queries are to make of it.
struct RuleTestGroup {
  std::string name;
  DurationMs interval = 0;  // of the input series
  TimestampMs start = 0;
  std::vector<InputSeries> input;
  LabelSet external_labels;
  std::string external_url;
  std::vector<AlertTest> alert_tests;
  std::vector<ExpressionTest> expression_tests;
};

struct RuleTestFile {
  std::vector<std::string> rule_patterns;  // absolute or relative to the process
  DurationMs evaluation_interval = kMinute;
  std::vector<std::string> group_order;  // names of rule groups, each once
  bool fuzzy_compare = false;            // values may differ in their last bit
  std::vector<RuleTestGroup> groups;     // intervals filled in
};

// Reads a file of tests, strictly.
//   NotFound, PermissionDenied
//   InvalidArgument  "FILE:LINE: reason"
absl::StatusOr<RuleTestFile> LoadRuleTestFile(const std::string& path);
absl::StatusOr<RuleTestFile> ParseRuleTestFile(std::string_view text, const std::string& path);

}  // namespace tidemark::alerting
