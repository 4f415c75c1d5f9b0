#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "promql/value.h"

namespace tidemark::promql {

struct Expr;

// Which syntax behind a feature flag is allowed; the names are those of --enable-feature.
struct ParserOptions {
  bool experimental_functions = false;    // promql-experimental-functions
  bool extended_range_selectors = false;  // promql-extended-range-selectors
  bool binop_fill_modifiers = false;      // promql-binop-fill-modifiers
};

// A query, parsed and type-checked. Immutable, cheap to copy, thread-safe.
class Query {
 public:
  // InvalidArgument "LINE:COLUMN: parse error: reason", as Prometheus words it.
  static absl::StatusOr<Query> Parse(std::string_view text, const ParserOptions& options = {});

  ValueType type() const;
  // The query as Prometheus prints it: one line, canonical spacing and matcher order.
  const std::string& text() const { return text_; }
  // The query as it was written: what the places in the syntax tree and in messages are of.
  const std::string& source() const { return source_; }
  const Expr& expr() const { return *expr_; }
  // The matchers of every selector in it, in the order of the text.
  std::vector<std::vector<LabelMatcher>> Selectors() const;
  // No subquery and no range of more than an hour: at one time it reads little of each series.
  bool LooksLight() const;

 private:
  Query(std::shared_ptr<const Expr> expr, std::string source, std::string text)
      : expr_(std::move(expr)), source_(std::move(source)), text_(std::move(text)) {}
  std::shared_ptr<const Expr> expr_;
  std::string source_, text_;
};

}  // namespace tidemark::promql
