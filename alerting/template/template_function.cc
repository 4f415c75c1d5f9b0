#include "alerting/template/template_function.h"

#include <string>

#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

absl::Status WrongType(std::string_view expected, const TemplateValue& value) {
  return absl::InvalidArgumentError(
      StrCat("wrong type for value; expected ", expected, "; got ", value.TypeName()));
}

}  // namespace

const TemplateFunction* FindTemplateFunction(std::string_view name) {
  for (const auto& family :
       {LogicFunctions(), TextFunctions(), HumanizeFunctions(), SampleFunctions()}) {
    for (const TemplateFunction& function : family) {
      if (function.name == name) return &function;
    }
  }
  return nullptr;
}

absl::StatusOr<std::string> StringArgument(const TemplateValue& value) {
  if (const std::string* text = value.AsString()) return *text;
  return WrongType("string", value);
}

absl::StatusOr<int64_t> IntArgument(const TemplateValue& value) {
  if (const int64_t* number = value.AsInt()) return *number;
  return WrongType("int", value);
}

absl::StatusOr<double> NumberArgument(const TemplateValue& value) {
  if (const double* number = value.AsFloat()) return *number;
  if (const int64_t* number = value.AsInt()) return static_cast<double>(*number);
  if (const std::string* text = value.AsString()) {
    if (const auto number = ParseFloat(*text)) return *number;
    std::string quoted;
    AppendQuoted(*text, &quoted);
    return absl::InvalidArgumentError(
        StrCat("strconv.ParseFloat: parsing ", quoted, ": invalid syntax"));
  }
  return absl::InvalidArgumentError(StrCat("can't convert ", value.TypeName(), " to float"));
}

}  // namespace tidemark::alerting
