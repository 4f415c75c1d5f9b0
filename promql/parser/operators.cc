#include "promql/parser/operators.h"

#include <string>

#include "PromQLParser.h"
#include "antlr4-runtime.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/parser/number_literal.h"
#include "promql/parser/parse_error.h"
#include "promql/parser/rule_source.h"
#include "promql/parser/selector_builder.h"

namespace tidemark::promql {
namespace {

using antlr::PromQLParser;

struct BinaryOpInfo {
  size_t token_type;
  BinaryOp op;
  Precedence precedence;
  std::string_view text;
};
constexpr BinaryOpInfo kBinaryOps[] = {
    {PromQLParser::ADD, BinaryOp::kAdd, Precedence::kSum, "+"},
    {PromQLParser::SUB, BinaryOp::kSub, Precedence::kSum, "-"},
    {PromQLParser::MUL, BinaryOp::kMul, Precedence::kProduct, "*"},
    {PromQLParser::DIV, BinaryOp::kDiv, Precedence::kProduct, "/"},
    {PromQLParser::MOD, BinaryOp::kMod, Precedence::kProduct, "%"},
    {PromQLParser::POW, BinaryOp::kPow, Precedence::kPower, "^"},
    {PromQLParser::ATAN2, BinaryOp::kAtan2, Precedence::kProduct, "atan2"},
    {PromQLParser::EQLC, BinaryOp::kEqual, Precedence::kComparison, "=="},
    {PromQLParser::NEQ, BinaryOp::kNotEqual, Precedence::kComparison, "!="},
    {PromQLParser::LSS, BinaryOp::kLess, Precedence::kComparison, "<"},
    {PromQLParser::LTE, BinaryOp::kLessEqual, Precedence::kComparison, "<="},
    {PromQLParser::GTR, BinaryOp::kGreater, Precedence::kComparison, ">"},
    {PromQLParser::GTE, BinaryOp::kGreaterEqual, Precedence::kComparison, ">="},
    {PromQLParser::TRIM_UPPER, BinaryOp::kTrimUpper, Precedence::kComparison, "</"},
    {PromQLParser::TRIM_LOWER, BinaryOp::kTrimLower, Precedence::kComparison, ">/"},
    {PromQLParser::AND, BinaryOp::kAnd, Precedence::kAnd, "and"},
    {PromQLParser::OR, BinaryOp::kOr, Precedence::kOr, "or"},
    {PromQLParser::UNLESS, BinaryOp::kUnless, Precedence::kAnd, "unless"},
};
const BinaryOpInfo& InfoOf(BinaryOp op) {
  for (const BinaryOpInfo& info : kBinaryOps) {
    if (info.op == op) return info;
  }
  return kBinaryOps[0];  // not reached: all are listed
}

struct AggregateOpInfo {
  size_t token_type;
  AggregateOp op;
  std::string_view text;
  bool has_parameter;
};
constexpr AggregateOpInfo kAggregateOps[] = {
    {PromQLParser::SUM, AggregateOp::kSum, "sum", false},
    {PromQLParser::AVG, AggregateOp::kAvg, "avg", false},
    {PromQLParser::MIN, AggregateOp::kMin, "min", false},
    {PromQLParser::MAX, AggregateOp::kMax, "max", false},
    {PromQLParser::COUNT, AggregateOp::kCount, "count", false},
    {PromQLParser::GROUP, AggregateOp::kGroup, "group", false},
    {PromQLParser::STDDEV, AggregateOp::kStddev, "stddev", false},
    {PromQLParser::STDVAR, AggregateOp::kStdvar, "stdvar", false},
    {PromQLParser::TOPK, AggregateOp::kTopk, "topk", true},
    {PromQLParser::BOTTOMK, AggregateOp::kBottomk, "bottomk", true},
    {PromQLParser::QUANTILE, AggregateOp::kQuantile, "quantile", true},
    {PromQLParser::COUNT_VALUES, AggregateOp::kCountValues, "count_values", true},
    {PromQLParser::LIMITK, AggregateOp::kLimitk, "limitk", true},
    {PromQLParser::LIMIT_RATIO, AggregateOp::kLimitRatio, "limit_ratio", true},
};
const AggregateOpInfo& InfoOf(AggregateOp op) {
  for (const AggregateOpInfo& info : kAggregateOps) {
    if (info.op == op) return info;
  }
  return kAggregateOps[0];  // not reached: all are listed
}

absl::StatusOr<double> BuildFillValue(std::string_view query,
                                      PromQLParser::FillValueContext& rule) {
  auto& number = *rule.signedNumber()->number();
  const SourceRange source = SourceOf(number);
  const std::string_view text = TextOf(query, source);
  const absl::StatusOr<double> value =
      number.DURATION() != nullptr ? ParseDurationLiteral(text) : ParseNumberLiteral(text);
  if (!value.ok()) return ParseError(query, source.begin, ToStd(value.status().message()));
  return rule.signedNumber()->SUB() != nullptr ? -*value : *value;
}

absl::Status BuildFill(std::string_view query, PromQLParser::FillContext& rule,
                       VectorMatching* matching) {
  ASSIGN_OR_RETURN(const double first, BuildFillValue(query, *rule.fillValue(0)));
  if (rule.FILL() != nullptr) {
    matching->fill_left = matching->fill_right = first;
    return absl::OkStatus();
  }
  const bool left_first = rule.start->getType() == PromQLParser::FILL_LEFT;
  (left_first ? matching->fill_left : matching->fill_right) = first;
  if (rule.fillValue().size() == 1) return absl::OkStatus();
  ASSIGN_OR_RETURN(const double second, BuildFillValue(query, *rule.fillValue(1)));
  (left_first ? matching->fill_right : matching->fill_left) = second;
  return absl::OkStatus();
}

}  // namespace

BinaryOp BinaryOpOf(size_t token_type) {
  for (const BinaryOpInfo& info : kBinaryOps) {
    if (info.token_type == token_type) return info.op;
  }
  return BinaryOp::kAdd;  // not reached: the grammar has no other
}
std::string_view BinaryOpText(BinaryOp op) { return InfoOf(op).text; }
Precedence PrecedenceOf(BinaryOp op) { return InfoOf(op).precedence; }

AggregateOp AggregateOpOf(size_t token_type) {
  for (const AggregateOpInfo& info : kAggregateOps) {
    if (info.token_type == token_type) return info.op;
  }
  return AggregateOp::kSum;  // not reached: the grammar has no other
}
std::string_view AggregateOpText(AggregateOp op) { return InfoOf(op).text; }
bool HasParameter(AggregateOp op) { return InfoOf(op).has_parameter; }

absl::StatusOr<BinaryExpr> BuildOperator(std::string_view query, const ParserOptions& options,
                                         antlr4::ParserRuleContext& rule) {
  auto& op_rule = dynamic_cast<PromQLParser::BinaryOperatorContext&>(rule);
  BinaryExpr binary;
  binary.op = BinaryOpOf(op_rule.start->getType());
  binary.return_bool = op_rule.BOOL() != nullptr;
  VectorMatching& matching = binary.matching.emplace();
  if (auto* labels = op_rule.matching()) {
    matching.on = labels->ON() != nullptr;
    ASSIGN_OR_RETURN(matching.labels, BuildLabelList(query, *labels->labelList()));
  }
  if (auto* grouping = op_rule.grouping()) {
    matching.cardinality = grouping->GROUP_LEFT() != nullptr
                               ? VectorMatching::Cardinality::kManyToOne
                               : VectorMatching::Cardinality::kOneToMany;
    if (auto* labels = grouping->labelList()) {
      ASSIGN_OR_RETURN(matching.include, BuildLabelList(query, *labels));
    }
  }
  if (auto* fill = op_rule.fill()) {
    if (!options.binop_fill_modifiers) {
      return ParseError(query, SourceOf(*fill).begin,
                        "fill modifiers are experimental and not enabled");
    }
    RETURN_IF_ERROR(BuildFill(query, *fill, &matching));
  }
  return binary;
}

}  // namespace tidemark::promql
