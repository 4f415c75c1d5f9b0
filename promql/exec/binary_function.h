#pragma once

#include <cmath>
#include <utility>

#include "promql/parser/ast.h"

namespace tidemark::promql {

// Calls `use` with the function of the operator: (double, double) -> double for arithmetic, -> bool
// for comparisons. `use` is a generic lambda, so that its loops are compiled for each operator.
// Not for set and trim operators.
template <typename Use>
decltype(auto) WithBinaryFunction(BinaryOp op, Use use) {
  switch (op) {
    case BinaryOp::kAdd:
      return use([](double a, double b) { return a + b; });
    case BinaryOp::kSub:
      return use([](double a, double b) { return a - b; });
    case BinaryOp::kMul:
      return use([](double a, double b) { return a * b; });
    case BinaryOp::kDiv:
      return use([](double a, double b) { return a / b; });
    case BinaryOp::kMod:
      return use([](double a, double b) { return std::fmod(a, b); });
    case BinaryOp::kPow:
      return use([](double a, double b) { return std::pow(a, b); });
    case BinaryOp::kAtan2:
      return use([](double a, double b) { return std::atan2(a, b); });
    case BinaryOp::kEqual:
      return use([](double a, double b) { return a == b; });
    case BinaryOp::kNotEqual:
      return use([](double a, double b) { return a != b; });
    case BinaryOp::kLess:
      return use([](double a, double b) { return a < b; });
    case BinaryOp::kLessEqual:
      return use([](double a, double b) { return a <= b; });
    case BinaryOp::kGreater:
      return use([](double a, double b) { return a > b; });
    case BinaryOp::kGreaterEqual:
      return use([](double a, double b) { return a >= b; });
    case BinaryOp::kTrimUpper:
    case BinaryOp::kTrimLower:
    case BinaryOp::kAnd:
    case BinaryOp::kOr:
    case BinaryOp::kUnless:
      break;
  }
  __builtin_unreachable();  // the planner sends these elsewhere
}

// How an operator turns two samples into one: arithmetic and `bool` give their result, a comparison
// keeps the left sample where it holds.
struct BinaryRule {
  BinaryOp op = BinaryOp::kAdd;
  bool return_bool = false;

  bool IsFilter() const { return IsComparison(op) && !return_bool; }
  // A histogram that is trimmed keeps the metric's name, as what a filter lets through does.
  bool KeepsMetricName() const { return IsFilter() || IsTrim(op); }
};

}  // namespace tidemark::promql
