#include "promql/parser/printer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/container/flat_hash_map.h"
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

// What is printed and, where asked for, how long each node came out.
struct Text : std::string {
  absl::flat_hash_map<const Expr*, size_t>* lengths = nullptr;
};

void Print(const Expr& expr, Text* out);

void PrintNode(const NumberLiteral& number, Text* out) {
  PrintNumber(number.value, number.is_duration, out);
}

void PrintNode(const StringLiteral& string, Text* out) { AppendQuoted(string.value, out); }

void PrintNode(const ParenExpr& paren, Text* out) {
  out->push_back('(');
  Print(*paren.expr, out);
  out->push_back(')');
}

void PrintNode(const UnaryExpr& unary, Text* out) {
  out->push_back(unary.negate ? '-' : '+');
  Print(*unary.expr, out);
}

// `name{a="b"}`
void PrintSelection(const VectorSelector& selector, Text* out) {
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

void PrintExtension(const VectorSelector& selector, Text* out) {
  if (selector.extension == VectorSelector::Extension::kAnchored) out->append(" anchored");
  if (selector.extension == VectorSelector::Extension::kSmoothed) out->append(" smoothed");
}

void PrintNode(const VectorSelector& selector, Text* out) {
  PrintSelection(selector, out);
  PrintExtension(selector, out);
  PrintTimeModifiers(selector.time, out);
}

void PrintNode(const MatrixSelector& matrix, Text* out) {
  const auto& selector = std::get<VectorSelector>(matrix.vector->node);
  PrintSelection(selector, out);
  out->push_back('[');
  PrintDurationValue(matrix.range, out);
  out->push_back(']');
  PrintExtension(selector, out);
  PrintTimeModifiers(selector.time, out);
}

void PrintSubquerySuffix(const Subquery& subquery, Text* out) {
  out->push_back('[');
  PrintDurationValue(subquery.range, out);
  out->push_back(':');
  if (subquery.step) PrintDurationValue(*subquery.step, out);
  out->push_back(']');
  PrintTimeModifiers(subquery.time, out);
}

void PrintNode(const Subquery& subquery, Text* out) {
  Print(*subquery.expr, out);
  PrintSubquerySuffix(subquery, out);
}

void PrintFill(std::string_view name, double value, Text* out) {
  StrAppend(out, " ", name, " (");
  PrintFloat(value, out);
  out->push_back(')');
}

void PrintMatching(const VectorMatching& matching, Text* out) {
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

// `* on (a) group_left (b)`
void PrintOperator(const BinaryExpr& binary, Text* out) {
  out->append(BinaryOpText(binary.op));
  if (binary.return_bool) out->append(" bool");
  if (binary.matching) PrintMatching(*binary.matching, out);
}

void PrintNode(const BinaryExpr& binary, Text* out) {
  const auto* left = binary.left->As<NumberLiteral>();
  if (binary.op == BinaryOp::kPow && left != nullptr &&
      left->value == std::numeric_limits<double>::infinity()) {
    out->append("Inf");  // a sign would bind less tightly than the power
  } else {
    Print(*binary.left, out);
  }
  out->push_back(' ');
  PrintOperator(binary, out);
  out->push_back(' ');
  Print(*binary.right, out);
}

void PrintArguments(const std::vector<ExprPtr>& args, Text* out) {
  out->push_back('(');
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) out->append(", ");
    Print(*args[i], out);
  }
  out->push_back(')');
}

void PrintNode(const Call& call, Text* out) {
  out->append(call.function->name);
  PrintArguments(call.args, out);
}

// `sum by (a) `, or `sum`
void PrintAggregation(const AggregateExpr& aggregate, Text* out) {
  out->append(AggregateOpText(aggregate.op));
  if (aggregate.without || !aggregate.grouping.empty()) {
    out->append(aggregate.without ? " without " : " by ");
    PrintLabels(aggregate.grouping, out);
    out->push_back(' ');
  }
}

void PrintNode(const AggregateExpr& aggregate, Text* out) {
  PrintAggregation(aggregate, out);
  out->push_back('(');
  if (aggregate.param != nullptr) {
    Print(*aggregate.param, out);
    out->append(", ");
  }
  Print(*aggregate.expr, out);
  out->push_back(')');
}

void Print(const Expr& expr, Text* out) {
  const size_t begin = out->size();
  std::visit([out](const auto& node) { PrintNode(node, out); }, expr.node);
  if (out->lengths != nullptr) (*out->lengths)[&expr] = out->size() - begin;
}

// --- over several lines

class PrettyPrinter {
 public:
  explicit PrettyPrinter(const Expr& expr) {
    Text text;
    text.lengths = &lengths_;
    promql::Print(expr, &text);
  }

  // `expr` on lines that begin `level` deep.
  void Print(const Expr& expr, int level) {
    if (lengths_[&expr] <= kMaxLine) {
      Indent(level);
      promql::Print(expr, &out_);
    } else {
      std::visit([&](const auto& node) { Split(node, level); }, expr.node);
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  static constexpr size_t kMaxLine = 100;  // bytes; what is longer is split where it can be

  void Indent(int level) { out_.append(2 * static_cast<size_t>(level), ' '); }

  template <typename Leaf>
  void Split(const Leaf& leaf, int level) {  // literals and selectors stay as they are
    Indent(level);
    PrintNode(leaf, &out_);
  }
  void Split(const ParenExpr& paren, int level) {
    Indent(level);
    Enclosed({paren.expr.get()}, level);
  }
  void Split(const UnaryExpr& unary, int level) {
    Indent(level);
    out_.push_back(unary.negate ? '-' : '+');
    const size_t begin = out_.size();
    Print(*unary.expr, level);
    out_.erase(begin, out_.find_first_not_of(' ', begin) - begin);  // the sign stands there
  }
  void Split(const Subquery& subquery, int level) {
    Print(*subquery.expr, level);
    PrintSubquerySuffix(subquery, &out_);
  }
  void Split(const BinaryExpr& binary, int level) {
    Print(*binary.left, level + 1);
    out_.push_back('\n');
    Indent(level);
    PrintOperator(binary, &out_);
    out_.push_back('\n');
    Print(*binary.right, level + 1);
  }
  void Split(const Call& call, int level) {
    Indent(level);
    out_.append(call.function->name);
    std::vector<const Expr*> args;
    for (const ExprPtr& arg : call.args) args.push_back(arg.get());
    Enclosed(args, level);
  }
  void Split(const AggregateExpr& aggregate, int level) {
    Indent(level);
    PrintAggregation(aggregate, &out_);
    if (aggregate.param != nullptr) {
      Enclosed({aggregate.param.get(), aggregate.expr.get()}, level);
    } else {
      Enclosed({aggregate.expr.get()}, level);
    }
  }
  // In brackets, each on lines of its own.
  void Enclosed(const std::vector<const Expr*>& exprs, int level) {
    out_.append("(\n");
    for (size_t i = 0; i < exprs.size(); ++i) {
      if (i > 0) out_.append(",\n");
      Print(*exprs[i], level + 1);
    }
    out_.push_back('\n');
    Indent(level);
    out_.push_back(')');
  }

  absl::flat_hash_map<const Expr*, size_t> lengths_;
  Text out_;
};

}  // namespace

std::string PrintExpr(const Expr& expr) {
  Text text;
  Print(expr, &text);
  return text;
}

std::string PrettyPrintExpr(const Expr& expr) {
  PrettyPrinter printer(expr);
  printer.Print(expr, 0);
  return printer.Take();
}

}  // namespace tidemark::promql
