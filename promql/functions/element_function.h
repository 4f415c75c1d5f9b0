#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "promql/exec/column_batch.h"

namespace tidemark::promql {

// A function of each sample by itself: `abs`, `clamp`, `hour`.
struct ElementFunction {
  std::string_view name;
  // Replaces the values of `row`, which has floats only, in place and may clear steps.
  // `parameters`: the scalar arguments, [argument][step]. Thread-safe.
  void (*evaluate)(const StepRow& row, std::span<const std::vector<double>> parameters);
  bool is_date = false;  // without an argument it is of the evaluation time
};

// By the name in the query; null where it is not among them. Lives for ever.
const ElementFunction* FindElementFunction(std::string_view name);

}  // namespace tidemark::promql
