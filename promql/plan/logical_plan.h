#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/model/timestamp.h"
#include "promql/engine.h"
#include "promql/parser/ast.h"
#include "promql/parser/function_signatures.h"

// What a query computes, made of its syntax tree: no parentheses, durations and `@` resolved to
// milliseconds. Rewrites (one per file in this folder) change it in place; exec/operator_builder.h
// makes operators of it.
namespace tidemark::promql {

struct PlanNode;
using PlanNodePtr = std::unique_ptr<PlanNode>;

struct ConstantNode {
  double value = 0;
};
struct TextNode {
  std::string value;
};

// Which windows of time a selector or a subquery looks through; see RangeWindows.
struct WindowSpec {
  DurationMs range = 0;  // 0 for an instant selector: the lookback delta
  DurationMs offset = 0;
  std::optional<TimestampMs> at;
  VectorSelector::Extension extension = VectorSelector::Extension::kNone;
};

// A vector selector, or a matrix selector where the range is not 0.
struct SelectNode {
  std::vector<LabelMatcher> matchers;
  WindowSpec window;
  bool gives_times = false;  // the times of the samples, in seconds, in place of their values
  // Whether counter resets are to be found from sample to sample where the samples do not tell of
  // them; set by mark_finds_resets.
  bool finds_resets = false;
  size_t selection = 0;      // an index into Plan::selections, once share_selections has run
  // The labels by which the series are grouped further up, where nothing else of them is asked
  // for; set by narrow_labels.
  std::optional<std::vector<std::string>> kept_labels;
};
// A range vector of what its one input gives at steps of its own.
struct SubqueryNode {
  WindowSpec window;
  DurationMs step = 0;
  bool has_steps = true;  // false: no step falls into any window; set by resolve_times
};
// At every step what its one input gives at the first.
struct StepInvariantNode {};
struct NegateNode {};
// Inputs: left, right.
struct BinaryNode {
  BinaryOp op = BinaryOp::kAdd;
  bool return_bool = false;
  VectorMatching matching;  // where both sides are vectors
};
// Inputs: the vector, then the parameter where the operator has one.
struct AggregateNode {
  AggregateOp op = AggregateOp::kSum;
  bool without = false;
  std::vector<std::string> grouping;
};
// Inputs: the arguments. Of info() always two, the second what it asks of storage.
struct CallNode {
  const FunctionSignature* function = nullptr;
};

struct PlanNode {
  using Node = std::variant<ConstantNode, TextNode, SelectNode, SubqueryNode, StepInvariantNode,
                            NegateNode, BinaryNode, AggregateNode, CallNode>;
  Node node;
  std::vector<PlanNodePtr> inputs;
  ValueType type = ValueType::kVector;
  SourceRange source;
  EvalTimes times;  // the steps at which this is evaluated, once resolve_times has run

  template <typename T>
  T* As() {
    return std::get_if<T>(&node);
  }
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
};

// Something to be asked of storage.
struct Selection {
  std::vector<LabelMatcher> matchers;
  TimeRange range;
};

struct Plan {
  PlanNodePtr root;
  std::vector<Selection> selections;
};

struct PlanOptions {
  EvalTimes times;  // of the whole query: what start(), end(), step() and range() are of
  DurationMs lookback_delta = 5 * kMinute;
  DurationMs default_subquery_step = kMinute;
};

// The plan of a query, all rewrites done.
//   InvalidArgument  a duration expression without a usable value
absl::StatusOr<Plan> MakePlan(const Expr& expr, const PlanOptions& options);

}  // namespace tidemark::promql
