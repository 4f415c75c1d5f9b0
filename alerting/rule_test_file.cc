#include "alerting/rule_test_file.h"

#include <filesystem>
#include <set>
#include <utility>

#include "base/model/timestamp_text.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/yaml_document.h"

namespace tidemark::alerting {
namespace {

// Fills `out` with what `read` makes of each element of a sequence.
template <typename T>
absl::Status ReadList(YamlFields& fields, std::string_view key, std::vector<T>* out,
                      absl::StatusOr<T> (*read)(const YamlNode&)) {
  fields.Read(key, [out, read](const YamlNode& list) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, list.AsSequence());
    for (const YamlNode& node : nodes) {
      ASSIGN_OR_RETURN(T element, read(node));
      out->push_back(std::move(element));
    }
    return absl::OkStatus();
  });
  return fields.status();
}

void ReadLabels(YamlFields& fields, std::string_view key, LabelSet* out) {
  std::vector<std::pair<std::string, std::string>> pairs;
  fields.Read(key, &pairs);
  LabelSetBuilder labels;
  for (const auto& [name, value] : pairs) labels.Set(name, value);
  *out = labels.Build();
}

absl::StatusOr<InputSeries> ReadInput(const YamlNode& node) {
  InputSeries input;
  YamlFields fields(node);
  fields.Read("series", &input.series).Read("values", &input.values);
  RETURN_IF_ERROR(fields.Finish());
  return input;
}

absl::StatusOr<ExpectedAlert> ReadExpectedAlert(const YamlNode& node) {
  ExpectedAlert alert;
  YamlFields fields(node);
  ReadLabels(fields, "exp_labels", &alert.labels);
  ReadLabels(fields, "exp_annotations", &alert.annotations);
  RETURN_IF_ERROR(fields.Finish());
  return alert;
}

absl::StatusOr<AlertTest> ReadAlertTest(const YamlNode& node) {
  AlertTest test;
  YamlFields fields(node);
  fields.ReadDuration("eval_time", &test.eval_time)
      .Read("alertname", &test.alert_name)
      .Read("groupname", &test.group_name);
  RETURN_IF_ERROR(ReadList(fields, "exp_alerts", &test.expected, ReadExpectedAlert));
  RETURN_IF_ERROR(fields.Finish());
  return test;
}

absl::StatusOr<ExpectedSample> ReadExpectedSample(const YamlNode& node) {
  ExpectedSample sample;
  YamlFields fields(node);
  fields.Read("labels", &sample.labels)
      .Read("value", &sample.value)
      .Read("histogram", &sample.histogram);
  RETURN_IF_ERROR(fields.Finish());
  return sample;
}

absl::StatusOr<ExpressionTest> ReadExpressionTest(const YamlNode& node) {
  ExpressionTest test;
  YamlFields fields(node);
  fields.Read("expr", &test.expr).ReadDuration("eval_time", &test.eval_time);
  RETURN_IF_ERROR(ReadList(fields, "exp_samples", &test.expected, ReadExpectedSample));
  RETURN_IF_ERROR(fields.Finish());
  return test;
}

absl::StatusOr<RuleTestGroup> ReadGroup(const YamlNode& node) {
  RuleTestGroup group;
  YamlFields fields(node);
  fields.Read("name", &group.name)
      .ReadDuration("interval", &group.interval)
      .Read("external_url", &group.external_url)
      .Read("start_timestamp", [&](const YamlNode& start) -> absl::Status {
        ASSIGN_OR_RETURN(const std::string text, start.AsString());
        const std::optional<TimestampMs> time = ParseTimestamp(text);
        if (!time) return start.Error(StrCat("cannot parse \"", text, "\" to a valid timestamp"));
        group.start = *time;
        return absl::OkStatus();
      });
  ReadLabels(fields, "external_labels", &group.external_labels);
  RETURN_IF_ERROR(ReadList(fields, "input_series", &group.input, ReadInput));
  RETURN_IF_ERROR(ReadList(fields, "alert_rule_test", &group.alert_tests, ReadAlertTest));
  RETURN_IF_ERROR(
      ReadList(fields, "promql_expr_test", &group.expression_tests, ReadExpressionTest));
  RETURN_IF_ERROR(fields.Finish());
  return group;
}

absl::Status CheckOrder(const std::vector<std::string>& names) {
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) {
      return absl::InvalidArgumentError(StrCat("group name repeated in evaluation order: ", name));
    }
  }
  return absl::OkStatus();
}

// Relative to the directory of the file that names it.
std::string Resolve(const std::string& file, const std::string& pattern) {
  if (pattern.empty()) return pattern;
  return (std::filesystem::path(file).parent_path() / pattern).string();
}

absl::StatusOr<RuleTestFile> ReadFile(const YamlNode& node, const std::string& path) {
  RuleTestFile file;
  std::vector<std::string> patterns;
  DurationMs interval = 0;
  YamlFields fields(node);
  fields.Read("rule_files", &patterns)
      .ReadDuration("evaluation_interval", &interval)
      .Read("group_eval_order", &file.group_order)
      .Read("fuzzy_compare", &file.fuzzy_compare);
  RETURN_IF_ERROR(ReadList(fields, "tests", &file.groups, ReadGroup));
  RETURN_IF_ERROR(fields.Finish());
  RETURN_IF_ERROR(CheckOrder(file.group_order));
  for (const std::string& pattern : patterns) file.rule_patterns.push_back(Resolve(path, pattern));
  if (interval > 0) file.evaluation_interval = interval;
  for (RuleTestGroup& group : file.groups) {
    if (group.interval == 0) group.interval = file.evaluation_interval;
  }
  return file;
}

}  // namespace

absl::StatusOr<RuleTestFile> LoadRuleTestFile(const std::string& path) {
  ASSIGN_OR_RETURN(const YamlNode node, YamlDocument::Load(path));
  return ReadFile(node, path);
}

absl::StatusOr<RuleTestFile> ParseRuleTestFile(std::string_view text, const std::string& path) {
  ASSIGN_OR_RETURN(const YamlNode node, YamlDocument::Parse(text, path));
  return ReadFile(node, path);
}

}  // namespace tidemark::alerting
