#pragma once

#include <string_view>

#include "absl/status/statusor.h"

#include "promql/functions/range_function.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// The range function of that name for selectors with that extension, for any selector where it is
// kNone. Lives for ever.
//   FailedPrecondition  the function takes no such selector; names those that do
//   NotFound            no range function has that name
absl::StatusOr<const RangeFunction*> FindRangeFunctionOver(VectorSelector::Extension extension,
                                                           std::string_view name);

}  // namespace tidemark::promql
