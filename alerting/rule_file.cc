#include "alerting/rule_file.h"

#include <set>

#include "alerting/rules/rule_labels.h"
#include "alerting/template/alert_template.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/yaml_document.h"

namespace tidemark::alerting {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendQuoted(text, &out);
  return out;
}

// Checks the labels or annotations of a rule or a group as Prometheus does; `where` begins errors.
absl::Status CheckNames(const YamlNode& node, const RuleLabels& labels, std::string_view what,
                        std::string_view where = "") {
  for (const auto& [name, value] : labels) {
    if (name.empty() || !IsValidUtf8(name) || (what == "label" && name == kMetricName)) {
      return node.Error(StrCat(where, "invalid ", what, " name: ", name));
    }
    if (what == "label" && !IsValidUtf8(value)) {
      return node.Error(StrCat(where, "invalid label value: ", value));
    }
  }
  return absl::OkStatus();
}

// How to read: what queries may use, and whether other keys are errors.
struct ReadOptions {
  const promql::ParserOptions& parser;
  UnknownFields unknown;

  absl::Status Finish(YamlFields& fields) const {
    return unknown == UnknownFields::kRefuse ? fields.Finish() : fields.status();
  }
};

// Reads one rule. Errors begin with the rule's place in its group, as Prometheus's do.
class RuleReader {
 public:
  RuleReader(const YamlNode& node, const ReadOptions& options) : node_(node), options_(options) {}

  absl::StatusOr<RuleConfig> Read(std::string_view group, size_t number) {
    RETURN_IF_ERROR(ReadFields());
    where_ =
        StrCat("group ", Quoted(group), ", rule ", number, ", ", Quoted(record_ + alert_), ": ");
    if (!record_.empty() && !alert_.empty()) {
      return Error("only one of 'record' and 'alert' must be set");
    }
    if (record_.empty() && alert_.empty()) return Error("one of 'record' or 'alert' must be set");
    if (!expr_ || expr_text_.empty()) return Error("field 'expr' must be set in rule");
    auto query = promql::Query::Parse(expr_text_, options_.parser);
    if (!query.ok()) {
      return expr_->Error(
          StrCat(where_, "could not parse expression: ", ToStd(query.status().message())));
    }
    if (record_.empty()) {
      RETURN_IF_ERROR(CheckAlert());
    } else {
      RETURN_IF_ERROR(CheckRecord());
    }
    RETURN_IF_ERROR(CheckLabels());
    return RuleConfig{record_.empty(),
                      record_ + alert_,
                      *std::move(query),
                      hold_.value_or(0),
                      keep_firing_for_.value_or(0),
                      labels_,
                      annotations_};
  }

 private:
  absl::Status ReadFields() {
    YamlFields fields(node_);
    fields.Read("record", &record_)
        .Read("alert", &alert_)
        .ReadDuration("for", &hold_)
        .ReadDuration("keep_firing_for", &keep_firing_for_);
    expr_ = fields.Take("expr");
    labels_node_ = fields.Take("labels");
    annotations_node_ = fields.Take("annotations");
    RETURN_IF_ERROR(options_.Finish(fields));
    if (expr_) {
      ASSIGN_OR_RETURN(expr_text_, expr_->AsString());
    }
    if (labels_node_) {
      ASSIGN_OR_RETURN(labels_, labels_node_->AsStringMap());
    }
    if (annotations_node_) {
      ASSIGN_OR_RETURN(annotations_, annotations_node_->AsStringMap());
    }
    return absl::OkStatus();
  }

  absl::Status Error(std::string_view reason) const {
    return node_.Error(where_ + std::string(reason));
  }

  absl::Status CheckRecord() const {
    if (annotations_node_ && !annotations_.empty()) {
      return Error("invalid field 'annotations' in recording rule");
    }
    if (hold_.value_or(0) != 0) return Error("invalid field 'for' in recording rule");
    if (keep_firing_for_.value_or(0) != 0) {
      return Error("invalid field 'keep_firing_for' in recording rule");
    }
    if (!IsValidUtf8(record_)) return Error(StrCat("invalid recording rule name: ", record_));
    // A valid name, but nearly always a selector in the wrong place.
    if (record_.find_first_of("{}") != std::string::npos) {
      return Error(
          StrCat("braces present in the recording rule name; should it be in expr?: ", record_));
    }
    return absl::OkStatus();
  }

  absl::Status CheckAlert() const {
    RETURN_IF_ERROR(CheckTemplates("label", labels_node_, labels_));
    return CheckTemplates("annotation", annotations_node_, annotations_);
  }

  absl::Status CheckTemplates(std::string_view what, const std::optional<YamlNode>& node,
                              const RuleLabels& texts) const {
    for (const auto& [name, text] : texts) {
      const auto parsed = AlertTemplate::Parse(text, alert_);
      if (parsed.ok()) continue;
      return LineOf(*node, name)
          .Error(StrCat(where_, what, " ", Quoted(name), ": ", ToStd(parsed.status().message())));
    }
    return absl::OkStatus();
  }

  absl::Status CheckLabels() const {
    if (labels_node_) RETURN_IF_ERROR(CheckNames(*labels_node_, labels_, "label", where_));
    if (!annotations_node_) return absl::OkStatus();
    return CheckNames(*annotations_node_, annotations_, "annotation", where_);
  }

  // The value of `key` in a mapping that has it.
  static YamlNode LineOf(const YamlNode& node, std::string_view key) {
    const auto fields = node.AsMap();
    for (const auto& [name, value] : *fields) {
      if (name == key) return value;
    }
    return node;
  }

  const YamlNode node_;
  const ReadOptions& options_;
  std::string where_;
  std::string record_, alert_, expr_text_;
  std::optional<DurationMs> hold_, keep_firing_for_;
  std::optional<YamlNode> expr_, labels_node_, annotations_node_;
  RuleLabels labels_, annotations_;
};

absl::StatusOr<RuleGroupConfig> ReadGroup(const YamlNode& node, const std::string& path,
                                          const ReadOptions& options) {
  RuleGroupConfig group;
  group.file = path;
  std::optional<DurationMs> interval, query_offset;
  YamlFields fields(node);
  fields.Read("name", &group.name)
      .ReadDuration("interval", &interval)
      .ReadDuration("query_offset", &query_offset)
      .Read("limit", &group.limit)
      .Read("labels", [&](const YamlNode& labels) -> absl::Status {
        ASSIGN_OR_RETURN(group.labels, labels.AsStringMap());
        return CheckNames(labels, group.labels, "label");
      });
  const std::optional<YamlNode> rules = fields.Take("rules");
  RETURN_IF_ERROR(options.Finish(fields));
  if (group.name.empty()) return node.Error("Groupname must not be empty");
  group.interval = interval.value_or(0);
  group.query_offset = query_offset.value_or(-1);
  if (!rules) return group;
  ASSIGN_OR_RETURN(const std::vector<YamlNode> rule_nodes, rules->AsSequence());
  for (const YamlNode& rule_node : rule_nodes) {
    ASSIGN_OR_RETURN(RuleConfig rule,
                     RuleReader(rule_node, options).Read(group.name, group.rules.size() + 1));
    group.rules.push_back(std::move(rule));
  }
  return group;
}

absl::StatusOr<std::vector<RuleGroupConfig>> ReadGroups(const YamlNode& document,
                                                        const std::string& path,
                                                        const ReadOptions& options) {
  std::vector<RuleGroupConfig> groups;
  std::set<std::string> names;
  YamlFields fields(document);
  fields.Read("groups", [&](const YamlNode& list) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, list.AsSequence());
    for (const YamlNode& node : nodes) {
      ASSIGN_OR_RETURN(RuleGroupConfig group, ReadGroup(node, path, options));
      if (!names.insert(group.name).second) {
        return node.Error(
            StrCat("groupname: ", Quoted(group.name), " is repeated in the same file"));
      }
      groups.push_back(std::move(group));
    }
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(options.Finish(fields));
  return groups;
}

}  // namespace

absl::StatusOr<std::vector<RuleGroupConfig>> LoadRuleFile(const std::string& path,
                                                          const promql::ParserOptions& options,
                                                          UnknownFields unknown) {
  ASSIGN_OR_RETURN(const YamlNode document, YamlDocument::Load(path));
  return ReadGroups(document, path, {options, unknown});
}

absl::StatusOr<std::vector<RuleGroupConfig>> ParseRuleFile(std::string_view text,
                                                           const std::string& path,
                                                           const promql::ParserOptions& options,
                                                           UnknownFields unknown) {
  ASSIGN_OR_RETURN(const YamlNode document, YamlDocument::Parse(text, path));
  return ReadGroups(document, path, {options, unknown});
}

}  // namespace tidemark::alerting
