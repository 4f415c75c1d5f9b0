#pragma once

#include <string_view>

#include "absl/status/status.h"

#include "promql/parser/ast.h"

namespace tidemark::promql {

// Whether every operand and argument of `root` has a type it may have, every selector selects
// something in particular, and matching modifiers stand where they mean something. On the way it
// completes the matching of binary operators: set operators match many to many, and where a side is
// no vector there is none.
// InvalidArgument as Query::Parse with the first error, children before parents.
absl::Status CheckTypes(std::string_view query, Expr& root);

}  // namespace tidemark::promql
