#include "scrape/discovery/target_group_reader.h"

#include <string>
#include <utility>

#include "base/json_value.h"
#include "base/labels/label_text.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::scrape {
namespace {

absl::Status NilGroup(size_t index) {
  return absl::InvalidArgumentError(StrCat("nil target group item found (index ", index, ")"));
}

absl::Status SetLabel(std::string_view name, std::string_view value, LabelSetBuilder& labels) {
  if (name.empty() || !IsValidUtf8(name)) {
    return absl::InvalidArgumentError(StrCat("\"", name, "\" is not a valid label name"));
  }
  if (!IsValidUtf8(value)) {
    return absl::InvalidArgumentError(
        StrCat("the value of label \"", name, "\" is not valid UTF-8"));
  }
  labels.Set(name, value);
  return absl::OkStatus();
}

absl::Status ReadTargets(const JsonValue& targets, std::vector<std::string>& addresses) {
  if (targets.IsNull()) return absl::OkStatus();
  if (!targets.IsArray()) return absl::InvalidArgumentError("\"targets\" is not a list");
  for (const JsonValue& address : targets.Elements()) {
    if (!address.IsString()) {
      return absl::InvalidArgumentError(StrCat("a target is not a string: ", address.Dump()));
    }
    addresses.push_back(address.String());
  }
  return absl::OkStatus();
}

absl::StatusOr<LabelSet> ReadLabels(const JsonValue& members) {
  LabelSetBuilder labels;
  if (!members.IsNull() && !members.IsObject()) {
    return absl::InvalidArgumentError("\"labels\" is not an object");
  }
  for (const auto& [name, value] : members.Members()) {
    if (!value.IsString()) {
      return absl::InvalidArgumentError(
          StrCat("the value of label \"", name, "\" is not a string: ", value.Dump()));
    }
    RETURN_IF_ERROR(SetLabel(name, value.String(), labels));
  }
  return labels.Build();
}

absl::StatusOr<TargetGroup> ReadGroup(const JsonValue& value) {
  if (!value.IsObject()) return absl::InvalidArgumentError("a target group is not an object");
  for (const auto& [name, member] : value.Members()) {
    if (name != "targets" && name != "labels") {
      return absl::InvalidArgumentError(StrCat("unknown field \"", name, "\""));
    }
  }
  TargetGroup group;
  RETURN_IF_ERROR(ReadTargets(value.Get("targets"), group.addresses));
  ASSIGN_OR_RETURN(group.labels, ReadLabels(value.Get("labels")));
  return group;
}

absl::StatusOr<TargetGroup> ReadGroup(const YamlNode& node) {
  TargetGroup group;
  YamlFields fields(node);
  fields.Read("targets", &group.addresses).Read("labels", [&](const YamlNode& n) -> absl::Status {
    ASSIGN_OR_RETURN(const auto entries, n.AsStringMap());
    LabelSetBuilder labels;
    for (const auto& [name, value] : entries) {
      const absl::Status status = SetLabel(name, value, labels);
      if (!status.ok()) return n.Error(ToStd(status.message()));
    }
    group.labels = labels.Build();
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(fields.Finish());
  return group;
}

// The groups of a list of JSON or YAML values.
template <typename Value>
absl::StatusOr<std::vector<TargetGroup>> ReadGroups(const std::vector<Value>& values) {
  std::vector<TargetGroup> groups;
  for (const Value& value : values) {
    if (value.IsNull()) return NilGroup(groups.size());
    ASSIGN_OR_RETURN(TargetGroup group, ReadGroup(value));
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace

absl::StatusOr<std::vector<TargetGroup>> ReadTargetGroupsJson(std::string_view text) {
  ASSIGN_OR_RETURN(const JsonValue list, JsonValue::Parse(text));
  if (!list.IsNull() && !list.IsArray()) {
    return absl::InvalidArgumentError("expected a list of target groups");
  }
  return ReadGroups(list.Elements());
}

absl::StatusOr<std::vector<TargetGroup>> ReadTargetGroupsYaml(std::string_view text,
                                                              std::string_view file) {
  ASSIGN_OR_RETURN(const YamlNode list, YamlDocument::Parse(text, file));
  ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, list.AsSequence());
  return ReadGroups(nodes);
}

}  // namespace tidemark::scrape
