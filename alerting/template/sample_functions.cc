// What looks into samples, lists and maps, and `query`, which brings samples in.

#include <algorithm>

#include "alerting/template/template_function.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

using Value = TemplateValue;
using Arguments = std::span<const TemplateValue>;
using Result = absl::StatusOr<TemplateValue>;

absl::Status Bad(std::string_view reason) { return absl::InvalidArgumentError(ToAbsl(reason)); }

Result Query(Arguments arguments, const TemplateEnvironment& environment) {
  ASSIGN_OR_RETURN(const std::string expression, StringArgument(arguments[0]));
  if (!environment.query) return Bad("queries are not available here");
  ASSIGN_OR_RETURN(const promql::InstantVector vector, environment.query(expression));
  Value::List samples;
  for (const promql::VectorSample& sample : vector) {
    samples.push_back(Value::Sample(sample.labels, sample.value));
  }
  return Value::ListOf(std::move(samples));
}

absl::StatusOr<Value::List> SamplesArgument(const Value& value) {
  if (const Value::List* list = value.AsList()) return *list;
  return Bad(StrCat("wrong type for value; expected a list of samples; got ", value.TypeName()));
}

// A field of a sample.
Result SampleField(const Value& sample, std::string_view field) {
  const Value::Map* map = sample.AsMap();
  if (map != nullptr && map->kind == Value::MapKind::kStruct) {
    if (auto value = sample.Get(field)) return *std::move(value);
  }
  return Bad(StrCat("wrong type for value; expected a sample; got ", sample.TypeName()));
}

Result First(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const Value::List samples, SamplesArgument(arguments[0]));
  if (samples.empty()) return Bad("first() called on vector with no elements");
  return samples.front();
}

Result SampleValue(Arguments arguments, const TemplateEnvironment&) {
  return SampleField(arguments[0], "Value");
}

absl::StatusOr<std::string> LabelOf(const Value& sample, std::string_view name) {
  ASSIGN_OR_RETURN(const Value labels, SampleField(sample, "Labels"));
  return StringArgument(labels.Get(name).value_or(Value::String("")));
}

Result Label(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const std::string name, StringArgument(arguments[0]));
  ASSIGN_OR_RETURN(std::string value, LabelOf(arguments[1], name));
  return Value::String(std::move(value));
}

Result StrValue(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(std::string value, LabelOf(arguments[0], "__value__"));
  return Value::String(std::move(value));
}

Result SortByLabel(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const std::string name, StringArgument(arguments[0]));
  ASSIGN_OR_RETURN(const Value::List samples, SamplesArgument(arguments[1]));
  std::vector<std::pair<std::string, Value>> keyed;
  for (const Value& sample : samples) {
    ASSIGN_OR_RETURN(std::string key, LabelOf(sample, name));
    keyed.emplace_back(std::move(key), sample);
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Value::List sorted;
  for (auto& [key, sample] : keyed) sorted.push_back(std::move(sample));
  return Value::ListOf(std::move(sorted));
}

Result Args(Arguments arguments, const TemplateEnvironment&) {
  std::vector<Value::Field> fields;
  for (const Value& argument : arguments) {
    fields.push_back({StrCat("arg", fields.size()), argument});
  }
  std::sort(fields.begin(), fields.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return Value::MapOf(Value::MapKind::kAny, std::move(fields));
}

Result Len(Arguments arguments, const TemplateEnvironment&) {
  const Value& value = arguments[0];
  const Value::Map* map = value.AsMap();
  if (const std::string* text = value.AsString()) {
    return Value::Int(static_cast<int64_t>(text->size()));
  }
  if (const Value::List* list = value.AsList()) {
    return Value::Int(static_cast<int64_t>(list->size()));
  }
  if (map != nullptr && map->kind != Value::MapKind::kStruct) {
    return Value::Int(static_cast<int64_t>(map->fields.size()));
  }
  return Bad(StrCat("len of type ", value.TypeName()));
}

// An index into something of `size`; `size` itself is allowed where it is an end.
absl::StatusOr<size_t> IndexArgument(const Value& value, size_t size, bool is_end) {
  ASSIGN_OR_RETURN(const int64_t index, IntArgument(value));
  if (index < 0 || static_cast<uint64_t>(index) >= size + (is_end ? 1 : 0)) {
    return Bad(StrCat("index out of range: ", index));
  }
  return static_cast<size_t>(index);
}

Result IndexOnce(const Value& value, const Value& index) {
  if (const Value::List* list = value.AsList()) {
    ASSIGN_OR_RETURN(const size_t i, IndexArgument(index, list->size(), false));
    return (*list)[i];
  }
  if (const std::string* text = value.AsString()) {
    ASSIGN_OR_RETURN(const size_t i, IndexArgument(index, text->size(), false));
    return Value::Int(static_cast<unsigned char>((*text)[i]));
  }
  const Value::Map* map = value.AsMap();
  if (map != nullptr && map->kind != Value::MapKind::kStruct) {
    ASSIGN_OR_RETURN(const std::string key, StringArgument(index));
    return value.Get(key).value_or(Value());
  }
  return Bad(StrCat("can't index item of type ", value.TypeName()));
}

Result Index(Arguments arguments, const TemplateEnvironment&) {
  Value value = arguments[0];
  for (const Value& index : arguments.subspan(1)) {
    ASSIGN_OR_RETURN(value, IndexOnce(value, index));
  }
  return value;
}

Result Slice(Arguments arguments, const TemplateEnvironment&) {
  const std::string* text = arguments[0].AsString();
  const Value::List* list = arguments[0].AsList();
  if (text == nullptr && list == nullptr) {
    return Bad(StrCat("can't slice item of type ", arguments[0].TypeName()));
  }
  size_t begin = 0, end = text ? text->size() : list->size();
  if (arguments.size() > 2) {
    ASSIGN_OR_RETURN(end, IndexArgument(arguments[2], end, true));
  }
  if (arguments.size() > 1) {
    ASSIGN_OR_RETURN(begin, IndexArgument(arguments[1], end, true));
  }
  if (text) return Value::String(text->substr(begin, end - begin));
  return Value::ListOf(Value::List(list->begin() + begin, list->begin() + end));
}

constexpr TemplateFunction kFunctions[] = {
    {"query", 1, 1, Query},
    {"first", 1, 1, First},
    {"value", 1, 1, SampleValue},
    {"label", 2, 2, Label},
    {"strvalue", 1, 1, StrValue},
    {"sortByLabel", 2, 2, SortByLabel},
    {"args", 0, TemplateFunction::kAnyNumber, Args},
    {"len", 1, 1, Len},
    {"index", 1, TemplateFunction::kAnyNumber, Index},
    {"slice", 1, 3, Slice},
};

}  // namespace

std::span<const TemplateFunction> SampleFunctions() { return kFunctions; }

}  // namespace tidemark::alerting
