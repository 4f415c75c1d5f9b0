#pragma once

#include <span>
#include <string>
#include <string_view>

#include "alerting/template/template_value.h"

// Values as text, as Go's package fmt prints them.
namespace tidemark::alerting {

// %v of a float64: the shortest digits that give it back, with an exponent below 1e-4 and from 1e6
// on, wherever the digits end: 0.05, 100000, 1e+06, 1.2345675e+06, +Inf, NaN.
std::string FormatGoFloat(double value);
// %v of anything: "map[a:1 b:2]", "[1 2]", "{...}" for a struct, "<nil>".
std::string FormatGoValue(const TemplateValue& value);

// fmt.Sprintf with the verbs v s q d b o x X c U t e E f F g G T and flags, width and precision
// written as digits. A verb that does not suit its argument, a missing and an extra argument show
// in the text as they do in Go: "%!d(string=x)", "%!d(MISSING)", "%!(EXTRA int=2)".
// Departs from Go: `*`, argument indexes and %p are bad verbs; widths and precisions stop at 1000.
std::string GoSprintf(std::string_view format, std::span<const TemplateValue> arguments);
// fmt.Sprint: a space only between two operands neither of which is a string.
std::string GoSprint(std::span<const TemplateValue> arguments);

}  // namespace tidemark::alerting
