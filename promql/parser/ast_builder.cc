#include "promql/parser/ast_builder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "PromQLParser.h"
#include "antlr4-runtime.h"
#include "base/labels/label_set.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/parser/function_signatures.h"
#include "promql/parser/modifiers.h"
#include "promql/parser/number_literal.h"
#include "promql/parser/operator_chain.h"
#include "promql/parser/operators.h"
#include "promql/parser/parse_error.h"
#include "promql/parser/rule_source.h"
#include "promql/parser/selector_builder.h"
#include "promql/parser/tree_depth.h"

namespace tidemark::promql {
namespace {

using antlr::PromQLParser;
using Tree = Subtree<ExprPtr>;

struct Arguments {
  std::vector<ExprPtr> exprs;
  int depth = 0;
};

class AstBuilder {
 public:
  AstBuilder(std::string_view query, const ParserOptions& options)
      : query_(query), options_(options) {}

  absl::StatusOr<Tree> BuildExpr(PromQLParser::ExprContext& rule) {
    OperatorChain<Tree, antlr4::ParserRuleContext*, Combine> chain(Combine{this});
    const auto operands = rule.operand();
    const auto operators = rule.binaryOperator();
    for (size_t i = 0; i < operands.size(); ++i) {
      if (i > 0) {
        const BinaryOp op = BinaryOpOf(operators[i - 1]->start->getType());
        RETURN_IF_ERROR(chain.Binary(operators[i - 1], PrecedenceOf(op)));
      }
      for (auto* sign : operands[i]->unaryOperator()) chain.Sign(sign);
      ASSIGN_OR_RETURN(Tree operand, BuildPostfix(*operands[i]->postfix()));
      chain.Operand(std::move(operand));
    }
    return chain.Finish();
  }

 private:
  struct Combine {
    AstBuilder* builder;
    absl::StatusOr<Tree> operator()(antlr4::ParserRuleContext* sign, Tree operand) {
      return builder->BuildSigned(*sign, std::move(operand));
    }
    absl::StatusOr<Tree> operator()(antlr4::ParserRuleContext* op, Tree left, Tree right) {
      return builder->BuildBinary(dynamic_cast<PromQLParser::BinaryOperatorContext&>(*op),
                                  std::move(left), std::move(right));
    }
  };

  template <typename Node>
  absl::StatusOr<Tree> Make(Node node, ValueType type, SourceRange source, int depth_below) {
    Tree tree{std::make_unique<Expr>()};
    tree.node->node = std::move(node);
    tree.node->type = type;
    tree.node->source = source;
    ASSIGN_OR_RETURN(tree.depth, DepthAbove(query_, source.begin, depth_below));
    return tree;
  }

  // --- operators

  absl::StatusOr<Tree> BuildSigned(antlr4::ParserRuleContext& sign, Tree operand) {
    const bool negate = sign.start->getType() == PromQLParser::SUB;
    const SourceRange source = {SourceOf(sign).begin, operand.node->source.end};
    if (auto* number = std::get_if<NumberLiteral>(&operand.node->node)) {
      if (negate) number->value = -number->value;
      operand.node->source = source;
      return operand;
    }
    const ValueType type = operand.node->type;
    return Make(UnaryExpr{negate, std::move(operand.node)}, type, source, operand.depth);
  }

  absl::StatusOr<Tree> BuildBinary(PromQLParser::BinaryOperatorContext& rule, Tree left,
                                   Tree right) {
    BinaryExpr binary;
    ASSIGN_OR_RETURN(binary, BuildOperator(query_, options_, rule));
    const bool scalar =
        left.node->type == ValueType::kScalar && right.node->type == ValueType::kScalar;
    const SourceRange source = {left.node->source.begin, right.node->source.end};
    const int depth = std::max(left.depth, right.depth);
    binary.left = std::move(left.node);
    binary.right = std::move(right.node);
    return Make(std::move(binary), scalar ? ValueType::kScalar : ValueType::kVector, source, depth);
  }

  absl::StatusOr<Tree> BuildPostfix(PromQLParser::PostfixContext& rule) {
    ASSIGN_OR_RETURN(Tree tree, BuildPrimary(*rule.primary()));
    for (auto* modifier : rule.modifier()) {
      const bool wraps = modifier->LEFT_BRACKET() != nullptr;
      ASSIGN_OR_RETURN(tree.node, ApplyModifier(query_, options_, *modifier, std::move(tree.node)));
      if (wraps) {
        ASSIGN_OR_RETURN(tree.depth, DepthAbove(query_, tree.node->source.begin, tree.depth));
      }
    }
    return tree;
  }

  // --- operands

  absl::StatusOr<Tree> BuildPrimary(PromQLParser::PrimaryContext& rule) {
    const SourceRange source = SourceOf(rule);
    if (auto* number = rule.number()) return BuildNumber(*number);
    if (auto* call = rule.call()) return BuildCall(*call);
    if (auto* aggregation = rule.aggregation()) return BuildAggregation(*aggregation);
    if (auto* selector_rule = rule.vectorSelector()) {
      ASSIGN_OR_RETURN(VectorSelector selector, BuildVectorSelector(query_, *selector_rule));
      return Make(std::move(selector), ValueType::kVector, source, 0);
    }
    if (rule.STRING() != nullptr) {
      ASSIGN_OR_RETURN(std::string value, BuildString(query_, source));
      return Make(StringLiteral{std::move(value)}, ValueType::kString, source, 0);
    }
    ASSIGN_OR_RETURN(Tree inner, BuildExpr(*rule.expr()));
    const ValueType type = inner.node->type;
    return Make(ParenExpr{std::move(inner.node)}, type, source, inner.depth);
  }

  absl::StatusOr<Tree> BuildNumber(PromQLParser::NumberContext& rule) {
    const SourceRange source = SourceOf(rule);
    const std::string_view text = TextOf(query_, source);
    const bool is_duration = rule.DURATION() != nullptr;
    const absl::StatusOr<double> value =
        is_duration ? ParseDurationLiteral(text) : ParseNumberLiteral(text);
    if (!value.ok()) return ParseError(query_, source.begin, ToStd(value.status().message()));
    return Make(NumberLiteral{*value, is_duration}, ValueType::kScalar, source, 0);
  }

  absl::StatusOr<Arguments> BuildArguments(PromQLParser::ArgumentsContext& rule) {
    Arguments arguments;
    for (auto* expr : rule.expr()) {
      ASSIGN_OR_RETURN(Tree argument, BuildExpr(*expr));
      arguments.exprs.push_back(std::move(argument.node));
      arguments.depth = std::max(arguments.depth, argument.depth);
    }
    if (auto* comma = rule.trailingComma()) {
      return ParseError(query_, SourceOf(*comma).begin,
                        "trailing commas not allowed in function call args");
    }
    return arguments;
  }

  absl::StatusOr<Tree> BuildCall(PromQLParser::CallContext& rule) {
    const SourceRange source = SourceOf(rule);
    ASSIGN_OR_RETURN(Arguments arguments, BuildArguments(*rule.arguments()));
    const std::string name(TextOf(query_, SourceOf(*rule.functionName())));
    const FunctionSignature* function = FindFunction(name);
    if (function == nullptr) {
      return ParseError(query_, source.begin, StrCat("unknown function with name \"", name, "\""));
    }
    if (function->experimental && !options_.experimental_functions) {
      return ParseError(query_, source.begin, StrCat("function \"", name, "\" is not enabled"));
    }
    return Make(Call{function, std::move(arguments.exprs)}, function->result, source,
                arguments.depth);
  }

  absl::StatusOr<Tree> BuildAggregation(PromQLParser::AggregationContext& rule) {
    const SourceRange source = SourceOf(rule);
    AggregateExpr aggregate;
    aggregate.op = AggregateOpOf(rule.aggregationName()->start->getType());
    if (auto* labels = rule.aggregationLabels()) {
      aggregate.without = labels->WITHOUT() != nullptr;
      ASSIGN_OR_RETURN(aggregate.grouping, BuildLabelList(query_, *labels->labelList()));
    }
    ASSIGN_OR_RETURN(Arguments arguments, BuildArguments(*rule.arguments()));
    RETURN_IF_ERROR(CheckAggregateArguments(aggregate.op, arguments.exprs.size(), source));
    aggregate.expr = std::move(arguments.exprs.back());
    if (HasParameter(aggregate.op)) aggregate.param = std::move(arguments.exprs.front());
    return Make(std::move(aggregate), ValueType::kVector, source, arguments.depth);
  }

  absl::Status CheckAggregateArguments(AggregateOp op, size_t got, SourceRange source) const {
    if (got == 0) {
      return ParseError(query_, source.begin, "no arguments for aggregate expression provided");
    }
    const bool experimental = op == AggregateOp::kLimitk || op == AggregateOp::kLimitRatio;
    if (experimental && !options_.experimental_functions) {
      return ParseError(query_, source.begin,
                        StrCat(AggregateOpText(op),
                               "() is experimental and must be enabled with "
                               "--enable-feature=promql-experimental-functions"));
    }
    const size_t want = HasParameter(op) ? 2 : 1;
    if (got == want) return absl::OkStatus();
    return ParseError(query_, source.begin,
                      StrCat("wrong number of arguments for aggregate expression provided, "
                             "expected ",
                             want, ", got ", got));
  }

  const std::string_view query_;
  const ParserOptions& options_;
};

}  // namespace

absl::StatusOr<ExprPtr> BuildAst(const SyntaxTree& tree, const ParserOptions& options) {
  auto& root = dynamic_cast<PromQLParser::QueryContext&>(tree.root());
  ASSIGN_OR_RETURN(Tree ast, AstBuilder(tree.query(), options).BuildExpr(*root.expr()));
  return std::move(ast.node);
}

absl::StatusOr<ExprPtr> BuildSelectorAst(const SyntaxTree& tree) {
  auto& root = dynamic_cast<PromQLParser::SelectorQueryContext&>(tree.root());
  auto expr = std::make_unique<Expr>();
  ASSIGN_OR_RETURN(expr->node, BuildVectorSelector(tree.query(), *root.vectorSelector()));
  expr->type = ValueType::kVector;
  expr->source = SourceOf(*root.vectorSelector());
  return expr;
}

}  // namespace tidemark::promql
