#include "promql/parser/duration_builder.h"

#include <cmath>
#include <memory>
#include <utility>

#include "PromQLParser.h"
#include "antlr4-runtime.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/parser/number_literal.h"
#include "promql/parser/operator_chain.h"
#include "promql/parser/parse_error.h"
#include "promql/parser/rule_source.h"
#include "promql/parser/tree_depth.h"

namespace tidemark::promql {
namespace {

using antlr::PromQLParser;
using Op = DurationExpr::Op;
using Tree = Subtree<DurationExprPtr>;

// 64-bit nanoseconds, as Prometheus counts.
constexpr double kLongestSeconds = 9223372036.0;

struct OpInfo {
  Op op;
  Precedence precedence;
};
OpInfo BinaryOpOf(size_t token_type) {
  switch (token_type) {
    case PromQLParser::ADD:
      return {Op::kAdd, Precedence::kSum};
    case PromQLParser::SUB:
      return {Op::kSub, Precedence::kSum};
    case PromQLParser::MUL:
      return {Op::kMul, Precedence::kProduct};
    case PromQLParser::DIV:
      return {Op::kDiv, Precedence::kProduct};
    case PromQLParser::MOD:
      return {Op::kMod, Precedence::kProduct};
    default:
      return {Op::kPow, Precedence::kPower};
  }
}

class DurationBuilder {
 public:
  explicit DurationBuilder(std::string_view query) : query_(query) {}

  absl::StatusOr<Tree> Expr(PromQLParser::DurationExprContext& rule) {
    auto chain = NewChain();
    const auto operands = rule.durationOperand();
    const auto operators = rule.durationOperator();
    for (size_t i = 0; i < operands.size(); ++i) {
      if (i > 0) {
        const antlr4::Token* op = operators[i - 1]->start;
        RETURN_IF_ERROR(chain.Binary(op, BinaryOpOf(op->getType()).precedence));
      }
      for (auto* sign : operands[i]->unaryOperator()) chain.Sign(sign->start);
      ASSIGN_OR_RETURN(Tree operand, Primary(*operands[i]->durationPrimary()));
      chain.Operand(std::move(operand));
    }
    return chain.Finish();
  }

  absl::StatusOr<Tree> Offset(PromQLParser::OffsetDurationContext& rule) {
    auto chain = NewChain();
    for (auto* sign : rule.unaryOperator()) chain.Sign(sign->start);
    ASSIGN_OR_RETURN(Tree operand, Primary(*rule.durationPrimary()));
    chain.Operand(std::move(operand));
    return chain.Finish();
  }

 private:
  struct Combine {
    DurationBuilder* builder;
    absl::StatusOr<Tree> operator()(const antlr4::Token* op, Tree operand) {
      return builder->Signed(*op, std::move(operand));
    }
    absl::StatusOr<Tree> operator()(const antlr4::Token* op, Tree left, Tree right) {
      return builder->Binary(*op, std::move(left), std::move(right));
    }
  };
  OperatorChain<Tree, const antlr4::Token*, Combine> NewChain() {
    return OperatorChain<Tree, const antlr4::Token*, Combine>(Combine{this});
  }

  absl::StatusOr<Tree> Primary(PromQLParser::DurationPrimaryContext& rule) {
    if (auto* number = rule.number()) return Literal(*number);
    if (rule.STEP() != nullptr) return Leaf(Op::kStep, rule);
    if (rule.RANGE() != nullptr) return Leaf(Op::kRange, rule);
    if (rule.MIN_OF() == nullptr && rule.MAX_OF() == nullptr) {
      ASSIGN_OR_RETURN(Tree inner, Expr(*rule.durationExpr(0)));
      inner.node->parenthesized = inner.node->op != Op::kLiteral;
      inner.node->source = SourceOf(rule);
      return inner;
    }
    ASSIGN_OR_RETURN(Tree left, Expr(*rule.durationExpr(0)));
    ASSIGN_OR_RETURN(Tree right, Expr(*rule.durationExpr(1)));
    const Op op = rule.MIN_OF() != nullptr ? Op::kMinOf : Op::kMaxOf;
    return Node(op, std::move(left), std::move(right), SourceOf(rule));
  }

  absl::StatusOr<Tree> Literal(PromQLParser::NumberContext& rule) {
    ASSIGN_OR_RETURN(Tree literal, Leaf(Op::kLiteral, rule));
    DurationExpr& node = *literal.node;
    const std::string_view text = TextOf(query_, node.source);
    node.is_duration = rule.DURATION() != nullptr;
    const absl::StatusOr<double> seconds =
        node.is_duration ? ParseDurationLiteral(text) : ParseNumberLiteral(text);
    if (!seconds.ok()) {
      return ParseError(query_, node.source.begin, ToStd(seconds.status().message()));
    }
    if (!(*seconds <= kLongestSeconds)) {  // NaN as well
      return ParseError(query_, node.source.begin, "duration out of range");
    }
    node.seconds = *seconds;
    return literal;
  }

  absl::StatusOr<Tree> Leaf(Op op, antlr4::ParserRuleContext& rule) {
    Tree leaf{std::make_unique<DurationExpr>()};
    leaf.node->op = op;
    leaf.node->source = SourceOf(rule);
    return leaf;
  }

  absl::StatusOr<Tree> Node(Op op, Tree left, Tree right, SourceRange source) {
    Tree tree{std::make_unique<DurationExpr>()};
    ASSIGN_OR_RETURN(tree.depth,
                     DepthAbove(query_, source.begin, std::max(left.depth, right.depth)));
    tree.node->op = op;
    tree.node->left = std::move(left.node);
    tree.node->right = std::move(right.node);
    tree.node->source = source;
    return tree;
  }

  absl::StatusOr<Tree> Signed(const antlr4::Token& sign, Tree operand) {
    const bool negate = sign.getType() == PromQLParser::SUB;
    const SourceRange source = {SourceOf(sign).begin, operand.node->source.end};
    if (operand.node->op == Op::kLiteral) {
      if (negate) operand.node->seconds = -operand.node->seconds;
      operand.node->source = source;
      return operand;
    }
    return Node(negate ? Op::kNegate : Op::kPlus, std::move(operand), Tree{nullptr, 0}, source);
  }

  absl::StatusOr<Tree> Binary(const antlr4::Token& token, Tree left, Tree right) {
    const Op op = BinaryOpOf(token.getType()).op;
    const bool by_zero = right.node->op == Op::kLiteral && right.node->seconds == 0;
    if (by_zero && op == Op::kDiv) {
      return ParseError(query_, token.getStartIndex(), "division by zero");
    }
    if (by_zero && op == Op::kMod) {
      return ParseError(query_, token.getStartIndex(), "modulo by zero");
    }
    const SourceRange source = {left.node->source.begin, right.node->source.end};
    return Node(op, std::move(left), std::move(right), source);
  }

  const std::string_view query_;
};

DurationValue ToValue(Tree tree) {
  if (tree.node->op != Op::kLiteral) return {0, std::move(tree.node)};
  // 1001 ms are held as 1.001 s, a little less than that: what is lost below a nanosecond comes
  // back before the rest of a millisecond is cut off.
  return {static_cast<DurationMs>(std::round(tree.node->seconds * 1e9) / 1e6), nullptr};
}

}  // namespace

absl::StatusOr<DurationValue> BuildDuration(std::string_view query,
                                            antlr4::ParserRuleContext& rule) {
  DurationBuilder builder(query);
  if (auto* offset = dynamic_cast<PromQLParser::OffsetDurationContext*>(&rule)) {
    ASSIGN_OR_RETURN(Tree tree, builder.Offset(*offset));
    return ToValue(std::move(tree));
  }
  ASSIGN_OR_RETURN(Tree tree, builder.Expr(dynamic_cast<PromQLParser::DurationExprContext&>(rule)));
  return ToValue(std::move(tree));
}

absl::StatusOr<DurationValue> BuildPositiveDuration(std::string_view query,
                                                    antlr4::ParserRuleContext& rule) {
  ASSIGN_OR_RETURN(DurationValue duration, BuildDuration(query, rule));
  if (duration.expr == nullptr && duration.fixed <= 0) {
    return ParseError(query, SourceOf(rule).begin, "duration must be greater than 0");
  }
  return duration;
}

}  // namespace tidemark::promql
