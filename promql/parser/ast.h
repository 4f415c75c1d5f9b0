#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/labels/label_matcher.h"
#include "base/model/timestamp.h"
#include "promql/value.h"

// What a query says, as written: Prometheus 3.14's language. Nodes are plain data, made by
// parser.h, checked by type_checker.h and never changed after; every child is present unless said
// otherwise.
namespace tidemark::promql {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

// A piece of the query text in bytes, end not included.
struct SourceRange {
  uint32_t begin = 0, end = 0;
};

// --- durations
// -------------------------------------------------------------------------------------------

struct DurationExpr;
using DurationExprPtr = std::unique_ptr<DurationExpr>;

// Arithmetic where a duration is expected: `[5m * 2]`, `offset (step() + 1m)`, `[min_of(step(),
// 1h)]`. Its value is known only when the query's times are. Numbers are seconds.
struct DurationExpr {
  enum class Op {
    kLiteral,
    kAdd,
    kSub,
    kMul,
    kDiv,
    kMod,
    kPow,
    kNegate,
    kPlus,
    kStep,
    kRange,
    kMinOf,
    kMaxOf
  };
  Op op = Op::kLiteral;
  double seconds = 0;          // of a literal
  bool is_duration = false;    // a literal written as `5m`, not as `300`
  bool parenthesized = false;  // an expression, not a literal, that was written in parentheses
  // right is absent for unary operators, both for literals, step() and range()
  DurationExprPtr left, right;
  SourceRange source;
};

// A duration that is known, or an expression for it.
struct DurationValue {
  DurationMs fixed = 0;
  DurationExprPtr expr;  // where not null it decides
};

// --- selectors
// -------------------------------------------------------------------------------------------

// `@ 1609746000`, `@ start()`, `@ end()`.
struct AtModifier {
  enum class Kind { kTimestamp, kStart, kEnd };
  Kind kind = Kind::kTimestamp;
  TimestampMs timestamp = 0;
};

// `offset` and `@`, in either order, after a selector or a subquery.
struct TimeModifiers {
  DurationValue offset;  // may be negative
  std::optional<AtModifier> at;
};

struct VectorSelector {
  std::string metric_name;             // as written before the braces; empty where quoted in them
  std::vector<LabelMatcher> matchers;  // the name's `__name__` matcher among them
  TimeModifiers time;
  enum class Extension { kNone, kAnchored, kSmoothed } extension = Extension::kNone;
};

struct MatrixSelector {
  ExprPtr vector;  // a VectorSelector
  DurationValue range;
};

struct Subquery {
  ExprPtr expr;
  DurationValue range;
  std::optional<DurationValue> step;  // absent: the global evaluation interval
  TimeModifiers time;
};

// --- operators
// -------------------------------------------------------------------------------------------

enum class BinaryOp {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kPow,
  kAtan2,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kTrimUpper,
  kTrimLower,  // `</` and `>/`
  kAnd,
  kOr,
  kUnless,
};
std::string_view BinaryOpText(BinaryOp op);
constexpr bool IsComparison(BinaryOp op) {
  return op >= BinaryOp::kEqual && op <= BinaryOp::kGreaterEqual;
}
constexpr bool IsTrim(BinaryOp op) {
  return op == BinaryOp::kTrimUpper || op == BinaryOp::kTrimLower;
}
constexpr bool IsSetOp(BinaryOp op) { return op >= BinaryOp::kAnd; }

// How the samples of two vectors find each other.
struct VectorMatching {
  enum class Cardinality {
    kOneToOne,
    kManyToOne /*group_left*/,
    kOneToMany /*group_right*/,
    kManyToMany /*set ops*/
  };
  Cardinality cardinality = Cardinality::kOneToOne;
  bool on = false;  // `on(labels)`, else `ignoring(labels)`
  std::vector<std::string> labels;
  std::vector<std::string> include;  // of group_left, group_right
  std::optional<double> fill_left, fill_right;
};

struct BinaryExpr {
  BinaryOp op = BinaryOp::kAdd;
  bool return_bool = false;
  ExprPtr left, right;
  std::optional<VectorMatching> matching;  // where both sides are vectors
};

struct UnaryExpr {
  bool negate = false;  // `-`, else `+`
  ExprPtr expr;
};

struct ParenExpr {
  ExprPtr expr;
};

enum class AggregateOp {
  kSum,
  kAvg,
  kMin,
  kMax,
  kCount,
  kGroup,
  kStddev,
  kStdvar,
  kTopk,
  kBottomk,
  kQuantile,
  kCountValues,
  kLimitk,
  kLimitRatio,
};
std::string_view AggregateOpText(AggregateOp op);

struct AggregateExpr {
  AggregateOp op = AggregateOp::kSum;
  bool without = false;  // else `by`
  std::vector<std::string> grouping;
  ExprPtr param;  // k, q, label or ratio; null for the others
  ExprPtr expr;
};

struct FunctionSignature;  // function_signatures.h

struct Call {
  const FunctionSignature* function = nullptr;  // lives for ever
  std::vector<ExprPtr> args;
};

struct NumberLiteral {
  double value = 0;
  bool is_duration = false;  // written as `5m`
};
struct StringLiteral {
  std::string value;
};

// --- the node
// --------------------------------------------------------------------------------------------

struct Expr {
  using Node = std::variant<NumberLiteral, StringLiteral, VectorSelector, MatrixSelector, Subquery,
                            ParenExpr, UnaryExpr, BinaryExpr, AggregateExpr, Call>;
  Node node;
  ValueType type = ValueType::kScalar;
  SourceRange source;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
};

}  // namespace tidemark::promql
