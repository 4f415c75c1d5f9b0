#include "promql/functions/element_function.h"

#include <algorithm>
#include <iterator>

#include "promql/functions/date.h"
#include "promql/functions/math.h"

namespace tidemark::promql {
namespace {

using Parameters = std::span<const std::vector<double>>;

template <double (*function)(double)>
void Each(const StepRow& row, Parameters) {
  row.ForEach([&](size_t step) { row.values[step] = function(row.values[step]); });
}

constexpr ElementFunction kFunctions[] = {
    {"abs", Each<Abs>},
    {"acos", Each<Acos>},
    {"acosh", Each<Acosh>},
    {"asin", Each<Asin>},
    {"asinh", Each<Asinh>},
    {"atan", Each<Atan>},
    {"atanh", Each<Atanh>},
    {"ceil", Each<Ceil>},
    {"clamp", Clamp},
    {"clamp_max", ClampMax},
    {"clamp_min", ClampMin},
    {"cos", Each<Cos>},
    {"cosh", Each<Cosh>},
    {"day_of_month", Each<DayOfMonth>, true},
    {"day_of_week", Each<DayOfWeek>, true},
    {"day_of_year", Each<DayOfYear>, true},
    {"days_in_month", Each<DaysInMonth>, true},
    {"deg", Each<Degrees>},
    {"exp", Each<Exp>},
    {"floor", Each<Floor>},
    {"hour", Each<Hour>, true},
    {"ln", Each<Ln>},
    {"log10", Each<Log10>},
    {"log2", Each<Log2>},
    {"minute", Each<Minute>, true},
    {"month", Each<Month>, true},
    {"rad", Each<Radians>},
    {"round", Round},
    {"sgn", Each<Sign>},
    {"sin", Each<Sin>},
    {"sinh", Each<Sinh>},
    {"sqrt", Each<Sqrt>},
    {"tan", Each<Tan>},
    {"tanh", Each<Tanh>},
    {"year", Each<Year>, true},
};

}  // namespace

const ElementFunction* FindElementFunction(std::string_view name) {
  const auto found = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                  [&](const ElementFunction& f) { return f.name == name; });
  return found == std::end(kFunctions) ? nullptr : &*found;
}

}  // namespace tidemark::promql
