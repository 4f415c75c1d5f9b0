#include "promql/parser/printer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/str_format.h"

#include "base/labels/label_set.h"
#include "base/model/duration.h"
#include "base/strings.h"
#include "promql/parser/function_signatures.h"

namespace tidemark::promql {
namespace {

void PrintDuration(DurationMs duration, std::string* out) {
  if (duration < 0) out->push_back('-');
  out->append(FormatDuration(duration < 0 ? -duration : duration));
}

// The shortest digits that give `value` back, filled up with zeros and never with an exponent:
// "100000000000000000000000" for 1e23, whose exact value would take other digits.
void PrintFinite(double value, std::string* out) {
  char buffer[32];
  const char* const end =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<size_t>(end - buffer));
  if (text[0] == '-') {
    out->push_back('-');
    text.remove_prefix(1);
  }
  // d.ddde-XX: the digits without their point, and how many of them stand before it.
  const size_t e = text.find('e');
  std::string digits;
  for (const char c : text.substr(0, e)) {
    if (c != '.') digits.push_back(c);
  }
  int exponent = 0;
  const size_t exponent_begin = text[e + 1] == '+' ? e + 2 : e + 1;
  std::from_chars(text.data() + exponent_begin, end, exponent);
  if (exponent < 0) {
    out->append("0.");
    out->append(static_cast<size_t>(-exponent - 1), '0');
    out->append(digits);
    return;
  }
  const auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out->append(digits);
    out->append(whole - digits.size(), '0');
  } else {
    StrAppend(out, std::string_view(digits).substr(0, whole), ".",
              std::string_view(digits).substr(whole));
  }
}

void PrintFloat(double value, std::string* out) {
  if (std::isnan(value)) {
    out->append("NaN");
  } else if (std::isinf(value)) {
    out->append(value > 0 ? "+Inf" : "-Inf");
  } else {
    PrintFinite(value, out);
  }
}

void PrintNumber(double value, bool is_duration, std::string* out) {
  if (is_duration) {
    PrintDuration(static_cast<DurationMs>(std::llround(value * 1000)), out);
  } else {
    PrintFloat(value, out);
  }
}

// `(a, "b c")`
void PrintLabels(const std::vector<std::string>& labels, std::string* out) {
  out->push_back('(');
  for (size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) out->append(", ");
    if (IsLegacyLabelName(labels[i])) {
      out->append(labels[i]);
    } else {
      AppendQuoted(labels[i], out);
    }
  }
  out->push_back(')');
}

// --- durations

std::string_view DurationOpText(DurationExpr::Op op) {
  switch (op) {
    case DurationExpr::Op::kAdd:
      return " + ";
    case DurationExpr::Op::kSub:
      return " - ";
    case DurationExpr::Op::kMul:
      return " * ";
    case DurationExpr::Op::kDiv:
      return " / ";
    case DurationExpr::Op::kMod:
      return " % ";
    case DurationExpr::Op::kPow:
      return " ^ ";
    default:
      return "";
  }
}

void PrintDurationExpr(const DurationExpr& expr, std::string* out) {
  using Op = DurationExpr::Op;
  if (expr.parenthesized) out->push_back('(');
  switch (expr.op) {
    case Op::kLiteral:
      PrintNumber(expr.seconds, expr.is_duration, out);
      break;
    case Op::kStep:
      out->append("step()");
      break;
    case Op::kRange:
      out->append("range()");
      break;
    case Op::kNegate:
    case Op::kPlus:
      out->push_back(expr.op == Op::kNegate ? '-' : '+');
      PrintDurationExpr(*expr.left, out);
      break;
    case Op::kMinOf:
    case Op::kMaxOf:
      out->append(expr.op == Op::kMinOf ? "min_of(" : "max_of(");
      PrintDurationExpr(*expr.left, out);
      out->append(", ");
      PrintDurationExpr(*expr.right, out);
      out->push_back(')');
      break;
    default:
      PrintDurationExpr(*expr.left, out);
      out->append(DurationOpText(expr.op));
      PrintDurationExpr(*expr.right, out);
  }
  if (expr.parenthesized) out->push_back(')');
}

void PrintDurationValue(const DurationValue& duration, std::string* out) {
  if (duration.expr != nullptr) {
    PrintDurationExpr(*duration.expr, out);
  } else {
    PrintDuration(duration.fixed, out);
  }
}

void PrintTimeModifiers(const TimeModifiers& time, std::string* out) {
  if (time.at) {
    switch (time.at->kind) {
      case AtModifier::Kind::kTimestamp:
        absl::StrAppendFormat(out, " @ %.3f", static_cast<double>(time.at->timestamp) / 1000);
        break;
      case AtModifier::Kind::kStart:
        out->append(" @ start()");
        break;
      case AtModifier::Kind::kEnd:
        out->append(" @ end()");
        break;
    }
  }
  if (time.offset.fixed != 0 || time.offset.expr != nullptr) {
    out->append(" offset ");
    PrintDurationValue(time.offset, out);
  }
}

// --- expressions

void Print(const Expr& expr, std::string* out);

void PrintNode(const NumberLiteral& number, std::string* out) {
  PrintNumber(number.value, number.is_duration, out);
}

void PrintNode(const StringLiteral& string, std::string* out) { AppendQuoted(string.value, out); }

void PrintNode(const ParenExpr& paren, std::string* out) {
  out->push_back('(');
  Print(*paren.expr, out);
  out->push_back(')');
}

void PrintNode(const UnaryExpr& unary, std::string* out) {
  out->push_back(unary.negate ? '-' : '+');
  Print(*unary.expr, out);
}

// `name{a="b"}`
void PrintSelection(const VectorSelector& selector, std::string* out) {
  out->append(selector.metric_name);
  std::vector<std::string> matchers;
  for (const LabelMatcher& matcher : selector.matchers) {
    const bool is_name = matcher.name() == "__name__" && matcher.op() == MatchOp::kEqual &&
                         !matcher.value().empty() && matcher.value() == selector.metric_name;
    if (!is_name) matchers.push_back(matcher.ToString());
  }
  if (matchers.empty() && !selector.metric_name.empty()) return;
  std::sort(matchers.begin(), matchers.end());
  out->push_back('{');
  for (size_t i = 0; i < matchers.size(); ++i) {
    if (i > 0) out->push_back(',');
    out->append(matchers[i]);
  }
  out->push_back('}');
}

void PrintExtension(const VectorSelector& selector, std::string* out) {
  if (selector.extension == VectorSelector::Extension::kAnchored) out->append(" anchored");
  if (selector.extension == VectorSelector::Extension::kSmoothed) out->append(" smoothed");
}

void PrintNode(const VectorSelector& selector, std::string* out) {
  PrintSelection(selector, out);
  PrintExtension(selector, out);
  PrintTimeModifiers(selector.time, out);
}

void PrintNode(const MatrixSelector& matrix, std::string* out) {
  const auto& selector = std::get<VectorSelector>(matrix.vector->node);
  PrintSelection(selector, out);
  out->push_back('[');
  PrintDurationValue(matrix.range, out);
  out->push_back(']');
  PrintExtension(selector, out);
  PrintTimeModifiers(selector.time, out);
}

void PrintNode(const Subquery& subquery, std::string* out) {
  Print(*subquery.expr, out);
  out->push_back('[');
  PrintDurationValue(subquery.range, out);
  out->push_back(':');
  if (subquery.step) PrintDurationValue(*subquery.step, out);
  out->push_back(']');
  PrintTimeModifiers(subquery.time, out);
}

void PrintFill(std::string_view name, double value, std::string* out) {
  StrAppend(out, " ", name, " (");
  PrintFloat(value, out);
  out->push_back(')');
}

void PrintMatching(const VectorMatching& matching, std::string* out) {
  using Cardinality = VectorMatching::Cardinality;
  const bool grouped = matching.cardinality == Cardinality::kManyToOne ||
                       matching.cardinality == Cardinality::kOneToMany;
  if (matching.on || !matching.labels.empty() || grouped) {
    out->append(matching.on ? " on " : " ignoring ");
    PrintLabels(matching.labels, out);
  }
  if (grouped) {
    out->append(matching.cardinality == Cardinality::kManyToOne ? " group_left " : " group_right ");
    PrintLabels(matching.include, out);
  }
  if (matching.fill_left && matching.fill_right && *matching.fill_left == *matching.fill_right) {
    PrintFill("fill", *matching.fill_left, out);
    return;
  }
  if (matching.fill_left) PrintFill("fill_left", *matching.fill_left, out);
  if (matching.fill_right) PrintFill("fill_right", *matching.fill_right, out);
}

void PrintNode(const BinaryExpr& binary, std::string* out) {
  const auto* left = binary.left->As<NumberLiteral>();
  if (binary.op == BinaryOp::kPow && left != nullptr &&
      left->value == std::numeric_limits<double>::infinity()) {
    out->append("Inf");  // a sign would bind less tightly than the power
  } else {
    Print(*binary.left, out);
  }
  StrAppend(out, " ", BinaryOpText(binary.op));
  if (binary.return_bool) out->append(" bool");
  if (binary.matching) PrintMatching(*binary.matching, out);
  out->push_back(' ');
  Print(*binary.right, out);
}

void PrintArguments(const std::vector<ExprPtr>& args, std::string* out) {
  out->push_back('(');
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) out->append(", ");
    Print(*args[i], out);
  }
  out->push_back(')');
}

void PrintNode(const Call& call, std::string* out) {
  out->append(call.function->name);
  PrintArguments(call.args, out);
}

void PrintNode(const AggregateExpr& aggregate, std::string* out) {
  out->append(AggregateOpText(aggregate.op));
  if (aggregate.without || !aggregate.grouping.empty()) {
    out->append(aggregate.without ? " without " : " by ");
    PrintLabels(aggregate.grouping, out);
    out->push_back(' ');
  }
  out->push_back('(');
  if (aggregate.param != nullptr) {
    Print(*aggregate.param, out);
    out->append(", ");
  }
  Print(*aggregate.expr, out);
  out->push_back(')');
}

void Print(const Expr& expr, std::string* out) {
  std::visit([out](const auto& node) { PrintNode(node, out); }, expr.node);
}

}  // namespace

std::string PrintExpr(const Expr& expr) {
  std::string text;
  Print(expr, &text);
  return text;
}

}  // namespace tidemark::promql
