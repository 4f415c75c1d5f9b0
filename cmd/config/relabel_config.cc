#include "cmd/config/relabel_config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/field_checks.h"

namespace tidemark::config {
namespace {

using enum RelabelAction;

constexpr std::array<std::pair<std::string_view, RelabelAction>, 11> kActions = {
    {{"replace", kReplace},
     {"keep", kKeep},
     {"drop", kDrop},
     {"keepequal", kKeepEqual},
     {"dropequal", kDropEqual},
     {"hashmod", kHashMod},
     {"labelmap", kLabelMap},
     {"labeldrop", kLabelDrop},
     {"labelkeep", kLabelKeep},
     {"lowercase", kLowercase},
     {"uppercase", kUppercase}}};

// A rule as it was read, with what the checks need to know of it.
struct RuleFields {
  RelabelRule rule;
  std::string action = "replace";  // in lower case
  std::set<std::string> given;     // the fields that are in the file

  bool IsOneOf(std::initializer_list<RelabelAction> actions) const {
    return std::find(actions.begin(), actions.end(), rule.action) != actions.end();
  }
};

bool HasReference(std::string_view text) { return text.find('$') != std::string_view::npos; }
bool IsLabelName(std::string_view name) { return !name.empty() && IsValidUtf8(name); }

absl::Status ReadAction(const YamlNode& node, RuleFields& fields) {
  ASSIGN_OR_RETURN(fields.action, node.AsString());
  std::transform(fields.action.begin(), fields.action.end(), fields.action.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  for (const auto& [name, action] : kActions) {
    if (name != fields.action) continue;
    fields.rule.action = action;
    return absl::OkStatus();
  }
  return node.Error(StrCat("unknown relabel action \"", fields.action, "\""));
}

absl::Status ReadRegex(const YamlNode& node, AnchoredRegex& regex) {
  ASSIGN_OR_RETURN(const std::string pattern, node.AsString());
  absl::StatusOr<AnchoredRegex> created = AnchoredRegex::Create(pattern);
  if (!created.ok()) return node.Error(ToStd(created.status().message()));
  regex = *std::move(created);
  return absl::OkStatus();
}

absl::Status ReadSourceLabels(const YamlNode& node, std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(names, node.AsStrings());
  for (const std::string& name : names) {
    if (!IsLabelName(name)) return node.Error(StrCat("\"", name, "\" is not a valid label name"));
  }
  return absl::OkStatus();
}

absl::Status CheckTarget(const YamlNode& node, const RuleFields& fields) {
  if (!fields.IsOneOf({kReplace, kHashMod, kLowercase, kUppercase, kKeepEqual, kDropEqual})) {
    return absl::OkStatus();
  }
  const std::string& target = fields.rule.target_label;
  if (target.empty()) {
    return node.Error(StrCat("relabel configuration for ", fields.action,
                             " action requires 'target_label' value"));
  }
  const bool expands = fields.rule.action == kReplace && HasReference(target);
  if (!expands && !IsLabelName(target)) {
    return node.Error(
        StrCat("\"", target, "\" is invalid 'target_label' for ", fields.action, " action"));
  }
  return absl::OkStatus();
}

// Fields that an action does not look at would mislead whoever reads the file.
absl::Status CheckOnly(const YamlNode& node, const RuleFields& fields,
                       std::initializer_list<std::string_view> allowed, std::string_view words) {
  for (const std::string& name : fields.given) {
    if (name != "action" && std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      return node.Error(
          StrCat(fields.action, " action requires only ", words, ", and no other fields"));
    }
  }
  return absl::OkStatus();
}

absl::Status Check(const YamlNode& node, const RuleFields& fields) {
  RETURN_IF_ERROR(CheckTarget(node, fields));
  if (fields.rule.action == kHashMod && fields.rule.modulus == 0) {
    return node.Error("relabel configuration for hashmod requires non-zero modulus");
  }
  if (fields.IsOneOf({kLowercase, kUppercase}) && fields.given.contains("replacement")) {
    return node.Error(StrCat("'replacement' can not be set for ", fields.action, " action"));
  }
  if (fields.rule.action == kLabelMap && !IsLabelName(fields.rule.replacement)) {
    return node.Error(
        StrCat("\"", fields.rule.replacement, "\" is invalid 'replacement' for labelmap action"));
  }
  if (fields.IsOneOf({kKeepEqual, kDropEqual})) {
    return CheckOnly(node, fields, {"source_labels", "target_label"},
                     "'source_labels' and 'target_label'");
  }
  if (fields.IsOneOf({kLabelDrop, kLabelKeep}))
    return CheckOnly(node, fields, {"regex"}, "'regex'");
  return absl::OkStatus();
}

absl::StatusOr<RelabelRule> ReadRule(const YamlNode& node) {
  RuleFields fields;
  ASSIGN_OR_RETURN(const auto entries, node.AsMap());
  for (const auto& [key, value] : entries) fields.given.insert(key);

  YamlFields yaml(node);
  yaml.Read("action", [&](const YamlNode& n) { return ReadAction(n, fields); })
      .Read("source_labels",
            [&](const YamlNode& n) { return ReadSourceLabels(n, fields.rule.source_labels); })
      .Read("separator", &fields.rule.separator)
      .Read("regex", [&](const YamlNode& n) { return ReadRegex(n, fields.rule.regex); })
      .Read("target_label", &fields.rule.target_label)
      .Read("replacement", &fields.rule.replacement);
  size_t modulus = 0;
  ReadCount(yaml, "modulus", &modulus);
  RETURN_IF_ERROR(yaml.Finish());
  fields.rule.modulus = modulus;
  RETURN_IF_ERROR(Check(node, fields));
  return fields.rule;
}

}  // namespace

absl::StatusOr<std::vector<RelabelRule>> ReadRelabelRules(const YamlNode& node) {
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, node.AsSequence());
  std::vector<RelabelRule> rules;
  for (const YamlNode& rule_node : nodes) {
    if (rule_node.IsNull()) return rule_node.Error("empty or null relabeling rule");
    ASSIGN_OR_RETURN(RelabelRule rule, ReadRule(rule_node));
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace tidemark::config
