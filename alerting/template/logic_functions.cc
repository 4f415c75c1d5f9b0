// and, or, not and the comparisons of Go's text/template.

#include <compare>
#include <optional>

#include "alerting/template/template_function.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

using Value = TemplateValue;
using Arguments = std::span<const TemplateValue>;
using Result = absl::StatusOr<TemplateValue>;

// The order of two values of one basic type; nullopt where they are of different types or of one
// that has no order.
std::optional<std::partial_ordering> Compare(const Value& a, const Value& b) {
  if (a.AsInt() && b.AsInt()) return *a.AsInt() <=> *b.AsInt();
  if (a.AsFloat() && b.AsFloat()) return *a.AsFloat() <=> *b.AsFloat();
  if (a.AsString() && b.AsString()) return *a.AsString() <=> *b.AsString();
  return std::nullopt;
}

absl::Status NotComparable(const Value& a, const Value& b) {
  if (a.TypeName() == b.TypeName()) {
    return absl::InvalidArgumentError(StrCat("non-comparable type ", a.TypeName()));
  }
  return absl::InvalidArgumentError(
      StrCat("incompatible types for comparison: ", a.TypeName(), " and ", b.TypeName()));
}

absl::StatusOr<bool> Equal(const Value& a, const Value& b) {
  if (a.AsBool() && b.AsBool()) return *a.AsBool() == *b.AsBool();
  if (a.IsNil() || b.IsNil()) return a.IsNil() && b.IsNil();
  const auto order = Compare(a, b);
  if (!order) return NotComparable(a, b);
  return *order == std::partial_ordering::equivalent;
}

// True where the first equals any of the others.
Result Eq(Arguments arguments, const TemplateEnvironment&) {
  for (const Value& other : arguments.subspan(1)) {
    ASSIGN_OR_RETURN(const bool equal, Equal(arguments[0], other));
    if (equal) return Value::Bool(true);
  }
  return Value::Bool(false);
}

Result Ne(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const bool equal, Equal(arguments[0], arguments[1]));
  return Value::Bool(!equal);
}

template <bool (*kHolds)(std::partial_ordering)>
Result Ordered(Arguments arguments, const TemplateEnvironment&) {
  const auto order = Compare(arguments[0], arguments[1]);
  if (!order) return NotComparable(arguments[0], arguments[1]);
  return Value::Bool(kHolds(*order));
}

// All but the last were asked before the call and did not decide.
Result Last(Arguments arguments, const TemplateEnvironment&) { return arguments.back(); }

Result Not(Arguments arguments, const TemplateEnvironment&) {
  return Value::Bool(!arguments[0].Truth());
}

constexpr TemplateFunction kFunctions[] = {
    {"and", 1, TemplateFunction::kAnyNumber, Last},
    {"or", 1, TemplateFunction::kAnyNumber, Last},
    {"not", 1, 1, Not},
    {"eq", 2, TemplateFunction::kAnyNumber, Eq},
    {"ne", 2, 2, Ne},
    {"lt", 2, 2, Ordered<std::is_lt>},
    {"le", 2, 2, Ordered<std::is_lteq>},
    {"gt", 2, 2, Ordered<std::is_gt>},
    {"ge", 2, 2, Ordered<std::is_gteq>},
};

}  // namespace

std::span<const TemplateFunction> LogicFunctions() { return kFunctions; }

}  // namespace tidemark::alerting
