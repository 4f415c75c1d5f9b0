#include "alerting/template/template_value.h"

namespace tidemark::alerting {

TemplateValue TemplateValue::ListOf(List elements) {
  return TemplateValue(std::make_shared<const List>(std::move(elements)));
}

TemplateValue TemplateValue::MapOf(MapKind kind, std::vector<Field> fields) {
  return TemplateValue(std::make_shared<const Map>(Map{kind, std::move(fields)}));
}

TemplateValue TemplateValue::Labels(const LabelSet& labels) {
  std::vector<Field> fields;
  for (const LabelView& label : labels) {
    fields.push_back({std::string(label.name), String(std::string(label.value))});
  }
  return MapOf(MapKind::kStrings, std::move(fields));
}

TemplateValue TemplateValue::Sample(const LabelSet& labels, double value) {
  return MapOf(MapKind::kStruct, {{"Labels", Labels(labels)}, {"Value", Float(value)}});
}

const TemplateValue::List* TemplateValue::AsList() const {
  const auto* list = std::get_if<std::shared_ptr<const List>>(&value_);
  return list == nullptr ? nullptr : list->get();
}

const TemplateValue::Map* TemplateValue::AsMap() const {
  const auto* map = std::get_if<std::shared_ptr<const Map>>(&value_);
  return map == nullptr ? nullptr : map->get();
}

std::optional<TemplateValue> TemplateValue::Get(std::string_view name) const {
  const Map* map = AsMap();
  if (map == nullptr) return std::nullopt;
  for (const Field& field : map->fields) {
    if (field.name == name) return field.value;
  }
  if (map->kind == MapKind::kStrings) return String("");
  return std::nullopt;
}

bool TemplateValue::Truth() const {
  if (const bool* b = AsBool()) return *b;
  if (const int64_t* i = AsInt()) return *i != 0;
  if (const double* d = AsFloat()) return *d != 0;
  if (const std::string* s = AsString()) return !s->empty();
  if (const List* list = AsList()) return !list->empty();
  if (const Map* map = AsMap()) return map->kind == MapKind::kStruct || !map->fields.empty();
  return false;
}

std::string_view TemplateValue::TypeName() const {
  if (AsBool()) return "bool";
  if (AsInt()) return "int";
  if (AsFloat()) return "float64";
  if (AsString()) return "string";
  if (AsList()) return "list";
  if (const Map* map = AsMap()) {
    switch (map->kind) {
      case MapKind::kStrings:
        return "map[string]string";
      case MapKind::kAny:
        return "map[string]interface {}";
      case MapKind::kStruct:
        return "struct";
    }
  }
  return "nil";
}

}  // namespace tidemark::alerting
