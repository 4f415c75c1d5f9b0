#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/labels/label_set.h"

namespace tidemark::alerting {

// A value inside a template: what Go's types come to in the templates of alerts. Immutable, cheap
// to copy, thread-safe. "map" below is any value with named fields:
//   kStrings  a map[string]string such as labels: an absent key is the empty string
//   kAny      a map[string]any as `args` makes it: an absent key prints as <no value>
//   kStruct   a struct: a field it does not have is an error
class TemplateValue {
 public:
  enum class MapKind { kStrings, kAny, kStruct };
  struct Field;
  struct Map {
    MapKind kind = MapKind::kStrings;
    std::vector<Field> fields;  // sorted by name, those of a struct in the order of its type
  };
  using List = std::vector<TemplateValue>;

  TemplateValue() = default;  // Go's nil
  static TemplateValue Bool(bool value) { return TemplateValue(value); }
  static TemplateValue Int(int64_t value) { return TemplateValue(value); }
  static TemplateValue Float(double value) { return TemplateValue(value); }
  static TemplateValue String(std::string value) { return TemplateValue(std::move(value)); }
  static TemplateValue ListOf(List elements);
  static TemplateValue MapOf(MapKind kind, std::vector<Field> fields);
  static TemplateValue Labels(const LabelSet& labels);
  // A sample as `query` gives it: a struct of Labels and Value.
  static TemplateValue Sample(const LabelSet& labels, double value);

  bool IsNil() const { return std::holds_alternative<std::monostate>(value_); }
  // The value of that type, null where this is of another.
  const bool* AsBool() const { return std::get_if<bool>(&value_); }
  const int64_t* AsInt() const { return std::get_if<int64_t>(&value_); }
  const double* AsFloat() const { return std::get_if<double>(&value_); }
  const std::string* AsString() const { return std::get_if<std::string>(&value_); }
  const List* AsList() const;
  const Map* AsMap() const;

  // The field of that name; nullopt where this is no map or has no such field. An absent key of a
  // kStrings map is there, and empty.
  std::optional<TemplateValue> Get(std::string_view name) const;
  // What `if` takes it for: nil, false, zero and empty are false, a struct is true.
  bool Truth() const;
  std::string_view TypeName() const;  // Go's name of the type: "float64", "map[string]string"

 private:
  using Storage = std::variant<std::monostate, bool, int64_t, double, std::string,
                               std::shared_ptr<const List>, std::shared_ptr<const Map>>;
  explicit TemplateValue(Storage value) : value_(std::move(value)) {}
  Storage value_;
};

struct TemplateValue::Field {
  std::string name;
  TemplateValue value;
};

}  // namespace tidemark::alerting
