#include <algorithm>

#include "base/strings.h"
#include "base/yaml_document.h"

namespace tidemark {
namespace {

// Moves a value or the error, whichever `read` has, to where it belongs.
template <typename T, typename Out>
absl::Status Store(absl::StatusOr<T> read, Out* out) {
  if (!read.ok()) return read.status();
  *out = *std::move(read);
  return absl::OkStatus();
}

}  // namespace

YamlFields::YamlFields(const YamlNode& node) : node_(node) {
  status_ = Store(node.AsMap(), &unread_);
}

std::optional<YamlNode> YamlFields::Take(std::string_view key) {
  const auto it = std::find_if(unread_.begin(), unread_.end(),
                               [key](const auto& field) { return field.first == key; });
  if (it == unread_.end()) return std::nullopt;
  YamlNode node = std::move(it->second);
  unread_.erase(it);
  return node;
}

bool YamlFields::Has(std::string_view key) const {
  return std::any_of(unread_.begin(), unread_.end(),
                     [key](const auto& field) { return field.first == key; });
}

YamlFields& YamlFields::Read(std::string_view key,
                             const std::function<absl::Status(const YamlNode&)>& read) {
  if (!status_.ok()) return *this;
  if (const std::optional<YamlNode> node = Take(key)) status_ = read(*node);
  return *this;
}

YamlFields& YamlFields::Read(std::string_view key, std::string* out) {
  return Read(key, [out](const YamlNode& node) { return Store(node.AsString(), out); });
}

YamlFields& YamlFields::Read(std::string_view key, bool* out) {
  return Read(key, [out](const YamlNode& node) {
    return node.IsNull() ? absl::OkStatus() : Store(node.AsBool(), out);
  });
}

YamlFields& YamlFields::Read(std::string_view key, int64_t* out) {
  return Read(key, [out](const YamlNode& node) {
    return node.IsNull() ? absl::OkStatus() : Store(node.AsInt(), out);
  });
}

YamlFields& YamlFields::Read(std::string_view key, double* out) {
  return Read(key, [out](const YamlNode& node) {
    return node.IsNull() ? absl::OkStatus() : Store(node.AsDouble(), out);
  });
}

YamlFields& YamlFields::Read(std::string_view key, std::vector<std::string>* out) {
  return Read(key, [out](const YamlNode& node) { return Store(node.AsStrings(), out); });
}

YamlFields& YamlFields::Read(std::string_view key,
                             std::vector<std::pair<std::string, std::string>>* out) {
  return Read(key, [out](const YamlNode& node) { return Store(node.AsStringMap(), out); });
}

YamlFields& YamlFields::ReadDuration(std::string_view key, DurationMs* out) {
  return Read(key, [out](const YamlNode& node) {
    return node.IsNull() ? absl::OkStatus() : Store(node.AsDuration(), out);
  });
}

YamlFields& YamlFields::ReadDuration(std::string_view key, std::optional<DurationMs>* out) {
  return Read(key, [out](const YamlNode& node) {
    return node.IsNull() ? absl::OkStatus() : Store(node.AsDuration(), out);
  });
}

YamlFields& YamlFields::ReadByteSize(std::string_view key, uint64_t* out) {
  return Read(key, [out](const YamlNode& node) {
    return node.IsNull() ? absl::OkStatus() : Store(node.AsByteSize(), out);
  });
}

absl::Status YamlFields::Finish() {
  if (!status_.ok() || unread_.empty()) return status_;
  const auto& [key, node] = unread_.front();
  return node.KeyError(StrCat("field ", key, " not found"));
}

}  // namespace tidemark
