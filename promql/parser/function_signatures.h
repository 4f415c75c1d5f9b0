#pragma once

#include <string_view>
#include <vector>

#include "promql/value.h"

namespace tidemark::promql {

// What the parser knows of a function: its name, arguments and result.
struct FunctionSignature {
  std::string_view name;
  std::vector<ValueType> args;
  // 0: exactly `args`. Otherwise the last argument may be left out, or given up to n times, -1 any
  // number of times.
  int variadic = 0;
  ValueType result = ValueType::kVector;
  bool experimental = false;
};

// All functions of Prometheus 3.14, evaluated here or not; null for an unknown name.
const FunctionSignature* FindFunction(std::string_view name);

}  // namespace tidemark::promql
