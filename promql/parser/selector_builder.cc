#include "promql/parser/selector_builder.h"

#include <utility>

#include "PromQLParser.h"
#include "antlr4-runtime.h"
#include "base/labels/label_set.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/parser/parse_error.h"
#include "promql/parser/rule_source.h"
#include "promql/parser/string_literal.h"

namespace tidemark::promql {
namespace {

using antlr::PromQLParser;

constexpr std::string_view kMetricName = "__name__";

MatchOp MatchOpOf(size_t token_type) {
  switch (token_type) {
    case PromQLParser::NEQ:
      return MatchOp::kNotEqual;
    case PromQLParser::EQL_REGEX:
      return MatchOp::kRegex;
    case PromQLParser::NEQ_REGEX:
      return MatchOp::kNotRegex;
    default:
      return MatchOp::kEqual;
  }
}

// `job="api"`, `"a b"=~"x.*"` or `"metric name"`.
absl::StatusOr<LabelMatcher> BuildMatcher(std::string_view query,
                                          PromQLParser::LabelMatcherContext& rule) {
  const auto string_at = [&](size_t i) {
    return BuildString(query, SourceOf(*rule.STRING(i)->getSymbol()));
  };
  if (rule.matchOperator() == nullptr) {
    ASSIGN_OR_RETURN(const std::string metric_name, string_at(0));
    return LabelMatcher::Equal(kMetricName, metric_name);
  }
  std::string name;
  if (rule.IDENTIFIER() != nullptr) {
    name = TextOf(query, SourceOf(*rule.IDENTIFIER()->getSymbol()));
  } else {
    ASSIGN_OR_RETURN(name, string_at(0));
  }
  ASSIGN_OR_RETURN(const std::string value, string_at(rule.IDENTIFIER() != nullptr ? 0 : 1));
  const MatchOp op = MatchOpOf(rule.matchOperator()->start->getType());
  absl::StatusOr<LabelMatcher> matcher = LabelMatcher::Create(name, op, value);
  if (!matcher.ok()) {
    return ParseError(query, SourceOf(rule).begin, ToStd(matcher.status().message()));
  }
  return matcher;
}

}  // namespace

absl::StatusOr<std::string> BuildString(std::string_view query, SourceRange source) {
  absl::StatusOr<std::string> value = ParseStringLiteral(TextOf(query, source));
  if (!value.ok()) return ParseError(query, source.begin, ToStd(value.status().message()));
  return value;
}

absl::StatusOr<VectorSelector> BuildVectorSelector(std::string_view query,
                                                   antlr4::ParserRuleContext& rule) {
  auto& selector_rule = dynamic_cast<PromQLParser::VectorSelectorContext&>(rule);
  VectorSelector selector;
  if (auto* matchers = selector_rule.labelMatchers()) {
    for (auto* matcher_rule : matchers->labelMatcher()) {
      ASSIGN_OR_RETURN(LabelMatcher matcher, BuildMatcher(query, *matcher_rule));
      selector.matchers.push_back(std::move(matcher));
    }
  }
  if (auto* name = selector_rule.metricName()) {
    selector.metric_name = TextOf(query, SourceOf(*name));
    selector.matchers.push_back(LabelMatcher::Equal(kMetricName, selector.metric_name));
  }
  return selector;
}

absl::StatusOr<std::vector<std::string>> BuildLabelList(std::string_view query,
                                                        antlr4::ParserRuleContext& rule) {
  std::vector<std::string> labels;
  for (auto* name : dynamic_cast<PromQLParser::LabelListContext&>(rule).labelName()) {
    const SourceRange source = SourceOf(*name);
    std::string label(TextOf(query, source));
    if (name->STRING() != nullptr) {
      ASSIGN_OR_RETURN(label, BuildString(query, source));
      if (label.empty() || !IsValidUtf8(label)) {
        std::string quoted;
        AppendQuoted(label, &quoted);
        return ParseError(query, source.begin, StrCat("invalid label name for grouping: ", quoted));
      }
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

}  // namespace tidemark::promql
