#include "promql/plan/duration_value.h"

#include <algorithm>
#include <cmath>

#include "base/status_macros.h"

namespace tidemark::promql {
namespace {

using Op = DurationExpr::Op;

double Seconds(DurationMs d) { return static_cast<double>(d) / 1000; }

absl::StatusOr<double> Evaluate(const DurationExpr& expr, const EvalTimes& times) {
  double left = 0, right = 0;
  if (expr.left != nullptr) {
    ASSIGN_OR_RETURN(left, Evaluate(*expr.left, times));
  }
  if (expr.right != nullptr) {
    ASSIGN_OR_RETURN(right, Evaluate(*expr.right, times));
  }
  switch (expr.op) {
    case Op::kLiteral:
      return expr.seconds;
    case Op::kAdd:
      return left + right;
    case Op::kSub:
      return left - right;
    case Op::kMul:
      return left * right;
    case Op::kDiv:
      if (right == 0) return absl::InvalidArgumentError("division by zero");
      return left / right;
    case Op::kMod:
      if (right == 0) return absl::InvalidArgumentError("modulo by zero");
      return std::fmod(left, right);
    case Op::kPow:
      return std::pow(left, right);
    case Op::kNegate:
      return -left;
    case Op::kPlus:
      return left;
    case Op::kStep:
      return Seconds(times.step);
    case Op::kRange:
      return Seconds(times.end - times.start);
    case Op::kMinOf:
      return std::min(left, right);
    case Op::kMaxOf:
      return std::max(left, right);
  }
  return absl::InternalError("unknown duration operator");
}

}  // namespace

absl::StatusOr<DurationMs> ResolveDuration(const DurationValue& duration, const EvalTimes& times) {
  if (duration.expr == nullptr) return duration.fixed;
  ASSIGN_OR_RETURN(const double seconds, Evaluate(*duration.expr, times));
  constexpr double kMaxSeconds = 9.2e9;  // Prometheus holds durations in 64-bit nanoseconds
  if (!(std::abs(seconds) <= kMaxSeconds)) {
    return absl::InvalidArgumentError("duration is out of range");
  }
  // 0.1 + 0.2 seconds are 300 ms, not 299: what arithmetic lost below a nanosecond comes back.
  return static_cast<DurationMs>(std::round(seconds * 1e9) / 1e6);
}

}  // namespace tidemark::promql
