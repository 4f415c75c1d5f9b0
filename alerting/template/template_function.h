#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "alerting/template/template_value.h"
#include "base/model/timestamp.h"
#include "promql/value.h"

namespace tidemark::alerting {

// What functions may ask of the world around a template.
struct TemplateEnvironment {
  // Evaluates an expression for `query`: an instant vector, or a scalar or string as one sample.
  std::function<absl::StatusOr<promql::InstantVector>(std::string_view)> query;
  std::string external_url;
  TimestampMs now = 0;  // the time of the evaluation
};

// A function that templates can call. Thread-safe.
struct TemplateFunction {
  static constexpr size_t kAnyNumber = static_cast<size_t>(-1);

  std::string_view name;
  size_t min_arguments = 0, max_arguments = 0;
  // Called with a number of arguments within the bounds. InvalidArgument for arguments that do not
  // suit.
  absl::StatusOr<TemplateValue> (*call)(std::span<const TemplateValue> arguments,
                                        const TemplateEnvironment& environment);
};

// The function of that name, null where there is none. Those of Go's text/template are there, less
// `call`, and those of Prometheus, less `tmpl`, `toTime` and `toDuration`.
const TemplateFunction* FindTemplateFunction(std::string_view name);

// An argument as the type that a function takes; InvalidArgument where it is of another.
absl::StatusOr<std::string> StringArgument(const TemplateValue& value);
absl::StatusOr<int64_t> IntArgument(const TemplateValue& value);
// A number, or a string that reads as one, as the functions of Prometheus take numbers.
absl::StatusOr<double> NumberArgument(const TemplateValue& value);

// The families of functions, each in a file of its own.
std::span<const TemplateFunction> LogicFunctions();     // and or not eq ne lt le gt ge
std::span<const TemplateFunction> TextFunctions();      // print title match reReplaceAll ...
std::span<const TemplateFunction> HumanizeFunctions();  // humanize humanizeDuration ...
std::span<const TemplateFunction> SampleFunctions();    // query first value label index len ...

}  // namespace tidemark::alerting
