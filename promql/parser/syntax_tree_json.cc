#include "promql/parser/syntax_tree_json.h"

#include <cmath>

#include "base/model/float_format.h"
#include "base/strings.h"
#include "promql/parser/function_signatures.h"
#include "promql/parser/printer.h"

namespace tidemark::promql {
namespace {

// As Prometheus's JSON names types.
std::string_view JsonTypeName(ValueType type) {
  switch (type) {
    case ValueType::kScalar:
      return "scalar";
    case ValueType::kString:
      return "string";
    case ValueType::kVector:
      return "vector";
    case ValueType::kMatrix:
      return "matrix";
  }
  return "none";
}

std::string_view CardinalityText(VectorMatching::Cardinality cardinality) {
  switch (cardinality) {
    case VectorMatching::Cardinality::kOneToOne:
      return "one-to-one";
    case VectorMatching::Cardinality::kManyToOne:
      return "many-to-one";
    case VectorMatching::Cardinality::kOneToMany:
      return "one-to-many";
    case VectorMatching::Cardinality::kManyToMany:
      return "many-to-many";
  }
  return "";
}

std::string_view DurationOpName(DurationExpr::Op op) {
  using Op = DurationExpr::Op;
  switch (op) {
    case Op::kAdd:
    case Op::kPlus:
      return "+";
    case Op::kSub:
    case Op::kNegate:
      return "-";
    case Op::kMul:
      return "*";
    case Op::kDiv:
      return "/";
    case Op::kMod:
      return "%";
    case Op::kPow:
      return "^";
    case Op::kStep:
      return "step";
    case Op::kRange:
      return "range";
    case Op::kMinOf:
      return "min_of";
    case Op::kMaxOf:
      return "max_of";
    case Op::kLiteral:
      return "";
  }
  return "";
}

// Writes one tree.
class TreeWriter {
 public:
  explicit TreeWriter(JsonWriter& json) : json_(json) {}

  void Write(const Expr& expr) {
    std::visit([this](const auto& node) { WriteNode(node); }, expr.node);
  }

 private:
  JsonWriter& Begin(std::string_view type) { return json_.BeginObject().Key("type").String(type); }

  void WriteChild(std::string_view key, const ExprPtr& child) {
    json_.Key(key);
    if (child == nullptr) {
      json_.Null();
    } else {
      Write(*child);
    }
  }

  void WriteStrings(std::string_view key, const std::vector<std::string>& texts) {
    json_.Key(key).BeginArray();
    for (const std::string& text : texts) json_.String(text);
    json_.EndArray();
  }

  void WriteDurationExpr(const DurationExpr* expr) {
    if (expr == nullptr) {
      json_.Null();
    } else if (expr->op == DurationExpr::Op::kLiteral) {
      Begin("numberLiteral").Key("val").String(FormatPlain(expr->seconds));
      json_.Key("duration").Bool(expr->is_duration).EndObject();
    } else {
      // An operator with one operand has it on the right.
      const bool unary = expr->left != nullptr && expr->right == nullptr;
      Begin("durationExpr").Key("op").String(DurationOpName(expr->op)).Key("lhs");
      WriteDurationExpr(unary ? nullptr : expr->left.get());
      json_.Key("rhs");
      WriteDurationExpr(unary ? expr->left.get() : expr->right.get());
      json_.Key("wrapped").Bool(expr->parenthesized).EndObject();
    }
  }

  // `name` in milliseconds, 0 where it is an expression, and `nameExpr`, null where it is not.
  void WriteDuration(const std::string& name, const DurationValue& value) {
    json_.Key(name).Int(value.expr == nullptr ? value.fixed : 0).Key(name + "Expr");
    WriteDurationExpr(value.expr.get());
  }

  void WriteTime(const TimeModifiers& time) {
    WriteDuration("offset", time.offset);
    const bool fixed = time.at && time.at->kind == AtModifier::Kind::kTimestamp;
    json_.Key("timestamp");
    fixed ? json_.Int(time.at->timestamp) : json_.Null();
    json_.Key("startOrEnd");
    if (!time.at || fixed) {
      json_.Null();
    } else {
      json_.String(time.at->kind == AtModifier::Kind::kStart ? "start" : "end");
    }
  }

  void WriteSelection(const VectorSelector& selector) {
    json_.Key("name").String(selector.metric_name).Key("matchers").BeginArray();
    for (const LabelMatcher& matcher : selector.matchers) {
      json_.BeginObject().Key("name").String(matcher.name());
      json_.Key("type").String(MatchOpText(matcher.op()));
      json_.Key("value").String(matcher.value()).EndObject();
    }
    json_.EndArray();
    WriteTime(selector.time);
    json_.Key("anchored").Bool(selector.extension == VectorSelector::Extension::kAnchored);
    json_.Key("smoothed").Bool(selector.extension == VectorSelector::Extension::kSmoothed);
  }

  void WriteNode(const NumberLiteral& number) {
    Begin("numberLiteral").Key("val").String(FormatPlain(number.value)).EndObject();
  }
  void WriteNode(const StringLiteral& string) {
    Begin("stringLiteral").Key("val").String(string.value).EndObject();
  }
  void WriteNode(const ParenExpr& paren) {
    Begin("parenExpr");
    WriteChild("expr", paren.expr);
    json_.EndObject();
  }
  void WriteNode(const UnaryExpr& unary) {
    Begin("unaryExpr").Key("op").String(unary.negate ? "-" : "+");
    WriteChild("expr", unary.expr);
    json_.EndObject();
  }
  void WriteNode(const VectorSelector& selector) {
    Begin("vectorSelector");
    WriteSelection(selector);
    json_.EndObject();
  }
  void WriteNode(const MatrixSelector& matrix) {
    Begin("matrixSelector");
    WriteDuration("range", matrix.range);
    WriteSelection(std::get<VectorSelector>(matrix.vector->node));
    json_.EndObject();
  }
  void WriteNode(const Subquery& subquery) {
    Begin("subquery");
    WriteChild("expr", subquery.expr);
    WriteDuration("range", subquery.range);
    if (subquery.step) {
      WriteDuration("step", *subquery.step);
    } else {
      WriteDuration("step", {});
    }
    WriteTime(subquery.time);
    json_.EndObject();
  }
  void WriteNode(const BinaryExpr& binary) {
    Begin("binaryExpr").Key("op").String(BinaryOpText(binary.op));
    WriteChild("lhs", binary.left);
    WriteChild("rhs", binary.right);
    json_.Key("bool").Bool(binary.return_bool).Key("matching");
    if (binary.matching) {
      WriteMatching(*binary.matching);
    } else {
      json_.Null();
    }
    json_.EndObject();
  }
  void WriteMatching(const VectorMatching& matching) {
    json_.BeginObject().Key("card").String(CardinalityText(matching.cardinality));
    WriteStrings("labels", matching.labels);
    json_.Key("on").Bool(matching.on);
    WriteStrings("include", matching.include);
    json_.Key("fillValues").BeginObject();
    WriteFill("lhs", matching.fill_left);
    WriteFill("rhs", matching.fill_right);
    json_.EndObject().EndObject();
  }
  void WriteFill(std::string_view key, const std::optional<double>& value) {
    json_.Key(key);
    value ? json_.Number(*value) : json_.Null();
  }
  void WriteNode(const AggregateExpr& aggregate) {
    Begin("aggregation").Key("op").String(AggregateOpText(aggregate.op));
    WriteChild("expr", aggregate.expr);
    WriteChild("param", aggregate.param);
    WriteStrings("grouping", aggregate.grouping);
    json_.Key("without").Bool(aggregate.without).EndObject();
  }
  void WriteNode(const Call& call) {
    const FunctionSignature& function = *call.function;
    Begin("call").Key("func").BeginObject().Key("name").String(function.name);
    json_.Key("argTypes").BeginArray();
    for (const ValueType type : function.args) json_.String(JsonTypeName(type));
    json_.EndArray().Key("variadic").Int(function.variadic);
    json_.Key("returnType").String(JsonTypeName(function.result)).EndObject();
    json_.Key("args").BeginArray();
    for (const ExprPtr& arg : call.args) Write(*arg);
    json_.EndArray().EndObject();
  }

  // Without an exponent, whatever the size.
  static std::string FormatPlain(double value) {
    Expr literal;
    literal.node = NumberLiteral{value, false};
    return PrintExpr(literal);
  }

  JsonWriter& json_;
};

}  // namespace

void WriteExprJson(const Expr& expr, JsonWriter& json) { TreeWriter(json).Write(expr); }

}  // namespace tidemark::promql
