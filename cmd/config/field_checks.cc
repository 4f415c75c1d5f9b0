#include "cmd/config/field_checks.h"

#include <filesystem>

#include "base/net/ascii_text.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/yaml_scalar.h"

namespace tidemark::config {
namespace {

// Whether a value says the same as leaving its key out.
bool IsOff(const YamlNode& node) {
  if (node.IsSequence()) return node.AsSequence()->empty();
  if (node.IsMap()) return node.AsMap()->empty();
  const std::string text = node.AsString().value_or("");
  return text.empty() || text == "0s" || ParseYamlBool(text) == false || ParseYamlDouble(text) == 0;
}

}  // namespace

void ReadCount(YamlFields& fields, std::string_view key, size_t* out) {
  fields.Read(key, [out](const YamlNode& node) -> absl::Status {
    if (node.IsNull()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const int64_t count, node.AsInt());
    if (count < 0) return node.Error(StrCat("expected a count that is not negative, not ", count));
    *out = static_cast<size_t>(count);
    return absl::OkStatus();
  });
}

void ReadSwitch(YamlFields& fields, std::string_view key, std::optional<bool>* out) {
  fields.Read(key, [out](const YamlNode& node) -> absl::Status {
    if (node.IsNull()) return absl::OkStatus();
    ASSIGN_OR_RETURN(*out, node.AsBool());
    return absl::OkStatus();
  });
}

absl::Status RefuseUnsupported(YamlFields& fields, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const std::optional<YamlNode> node = fields.Take(key);
    if (node && !IsOff(*node)) return node->KeyError(StrCat(key, " is not supported yet"));
  }
  return absl::OkStatus();
}

void Accept(YamlFields& fields, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) fields.Take(key);
}

absl::StatusOr<LabelSet> ReadLabels(const YamlNode& node) {
  ASSIGN_OR_RETURN(const auto entries, node.AsMap());
  LabelSetBuilder labels;
  for (const auto& [name, value_node] : entries) {
    ASSIGN_OR_RETURN(const std::string value, value_node.AsString());
    if (name.empty() || !IsValidUtf8(name)) {
      return value_node.KeyError(StrCat("\"", name, "\" is not a valid label name"));
    }
    if (!IsValidUtf8(value)) {
      return value_node.Error(StrCat("the value of label \"", name, "\" is not valid UTF-8"));
    }
    labels.Set(name, value);
  }
  return labels.Build();
}

bool IsReservedHeader(std::string_view name) {
  static const StringSet kReserved = {"host",
                                      "content-encoding",
                                      "content-length",
                                      "content-type",
                                      "user-agent",
                                      "connection",
                                      "keep-alive",
                                      "proxy-authenticate",
                                      "proxy-authorization",
                                      "www-authenticate",
                                      "accept-encoding",
                                      "x-prometheus-remote-write-version",
                                      "x-prometheus-remote-read-version",
                                      "x-amz-date",
                                      "x-amz-security-token",
                                      "x-amz-content-sha256"};
  return kReserved.contains(LowerCase(name));
}

std::string ResolvePath(const YamlNode& node, const std::string& path) {
  if (path.empty() || path.starts_with('/')) return path;
  return (std::filesystem::path(node.file()).parent_path() / path).string();
}

}  // namespace tidemark::config
