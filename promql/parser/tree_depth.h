#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "promql/parser/ast.h"
#include "promql/parser/parse_error.h"

namespace tidemark::promql {

// How many nodes deep a syntax tree may be; a chain of n operators is n deep. Everything that walks
// a tree recurses, its destructor too, so this bounds the stack of all of them.
inline constexpr int kMaxTreeDepth = 1000;

// A tree that knows its depth, while it is built. NodePtr: ExprPtr or DurationExprPtr.
template <typename NodePtr>
struct Subtree {
  NodePtr node;
  int depth = 1;
};

// The depth of a node above one of `depth`. InvalidArgument past the limit.
inline absl::StatusOr<int> DepthAbove(std::string_view query, uint32_t offset, int depth) {
  if (depth < kMaxTreeDepth) return depth + 1;
  return ParseError(query, offset,
                    absl::StrCat("expression deeper than ", kMaxTreeDepth, " levels"));
}

}  // namespace tidemark::promql
