#include "base/json_value.h"

#include <nlohmann/json.hpp>

namespace tidemark {
namespace {

using nlohmann::json;

const json& Of(const std::shared_ptr<const void>& value) {
  static const json kNull;
  return value == nullptr ? kNull : *static_cast<const json*>(value.get());
}

}  // namespace

absl::StatusOr<JsonValue> JsonValue::Parse(std::string_view text) {
  auto document = std::make_shared<const json>(
      json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false));
  if (document->is_discarded()) return absl::InvalidArgumentError("not JSON");
  return JsonValue(std::move(document));
}

bool JsonValue::IsNull() const { return Of(value_).is_null(); }

bool JsonValue::IsString() const { return Of(value_).is_string(); }

bool JsonValue::IsArray() const { return Of(value_).is_array(); }

bool JsonValue::IsObject() const { return Of(value_).is_object(); }

JsonValue JsonValue::Get(std::string_view key) const {
  const json& value = Of(value_);
  if (!value.is_object()) return JsonValue(nullptr);
  const auto found = value.find(std::string(key));
  if (found == value.end()) return JsonValue(nullptr);
  return JsonValue(std::shared_ptr<const void>(value_, &*found));
}

JsonValue JsonValue::At(size_t index) const {
  const json& value = Of(value_);
  if (!value.is_array() || index >= value.size()) return JsonValue(nullptr);
  return JsonValue(std::shared_ptr<const void>(value_, &value[index]));
}

std::vector<JsonValue> JsonValue::Elements() const {
  std::vector<JsonValue> elements;
  const json& value = Of(value_);
  if (!value.is_array()) return elements;
  for (const json& element : value) {
    elements.push_back(JsonValue(std::shared_ptr<const void>(value_, &element)));
  }
  return elements;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::Members() const {
  std::vector<std::pair<std::string, JsonValue>> members;
  const json& value = Of(value_);
  if (!value.is_object()) return members;
  for (const auto& [key, member] : value.items()) {
    members.emplace_back(key, JsonValue(std::shared_ptr<const void>(value_, &member)));
  }
  return members;
}

std::string JsonValue::String() const {
  const json& value = Of(value_);
  return value.is_string() ? value.get_ref<const std::string&>() : std::string();
}

double JsonValue::Number() const {
  const json& value = Of(value_);
  return value.is_number() ? value.get<double>() : 0;
}

std::string JsonValue::Dump() const {
  return Of(value_).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace tidemark
