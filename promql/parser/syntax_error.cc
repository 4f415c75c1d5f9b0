#include "promql/parser/syntax_error.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

#include "PromQLParser.h"
#include "antlr4-runtime.h"
#include "base/labels/label_set.h"
#include "base/strings.h"
#include "promql/parser/lexical_error.h"
#include "promql/parser/parse_error.h"

namespace tidemark::promql {
namespace {

using antlr::PromQLParser;

// --- the offending token

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendQuoted(text, &quoted);
  return quoted;
}

// Long tokens are cut to ten characters.
std::string QuotedShort(std::string_view text) {
  constexpr size_t kLongest = 10;
  if (text.size() <= kLongest) return Quoted(text);
  return StrCat(Quoted(text.substr(0, kLongest)), "...");
}

bool IsOperator(size_t type) {
  return (type >= PromQLParser::ADD && type <= PromQLParser::TRIM_LOWER) ||
         (type >= PromQLParser::AND && type <= PromQLParser::ATAN2) || type == PromQLParser::AT ||
         type == PromQLParser::EQL_REGEX || type == PromQLParser::NEQ_REGEX;
}
bool IsAggregation(size_t type) {
  return type >= PromQLParser::SUM && type <= PromQLParser::LIMIT_RATIO;
}
bool IsKeyword(size_t type) {
  return type >= PromQLParser::OFFSET && type <= PromQLParser::FILL_RIGHT;
}

std::string Describe(std::string_view query, const antlr4::Token& token) {
  const size_t type = token.getType();
  if (type == antlr4::Token::EOF) return "end of input";
  const std::string_view text =
      query.substr(token.getStartIndex(), token.getStopIndex() - token.getStartIndex() + 1);
  if (IsOperator(type)) return StrCat("<op:", text, ">");
  if (IsAggregation(type)) return StrCat("<aggr:", text, ">");
  if (IsKeyword(type)) return StrCat("<", text, ">");
  switch (type) {
    case PromQLParser::IDENTIFIER:
      return StrCat("identifier ", Quoted(text));
    case PromQLParser::METRIC_IDENTIFIER:
      return StrCat("metric identifier ", Quoted(text));
    case PromQLParser::NUMBER:
      return StrCat("number ", QuotedShort(text));
    case PromQLParser::DURATION:
      return StrCat("duration ", QuotedShort(text));
    case PromQLParser::STRING:
      return StrCat("string ", QuotedShort(text));
    default:
      return QuotedShort(text);
  }
}

// --- the construct around it

using Rule = const antlr4::ParserRuleContext;

// Of a token below a rule; 0 where `child` is a rule.
size_t TokenTypeOf(antlr4::tree::ParseTree* child) {
  auto* leaf = dynamic_cast<antlr4::tree::TerminalNode*>(child);
  return leaf == nullptr ? antlr4::Token::INVALID_TYPE : leaf->getSymbol()->getType();
}
bool Begins(Rule& rule, size_t token_type) {
  return !rule.children.empty() && TokenTypeOf(rule.children.front()) == token_type;
}

// Each gives " in CONSTRUCT, expected WHAT", empty where `rule` is no such construct. `previous` is
// the type of the last good token; `inner` is the rule below `rule` in which the parse stopped,
// null where it stopped in `rule` itself.
std::string InLabelList(Rule& rule, size_t previous) {
  if (rule.children.empty()) return " in grouping opts, expected \"(\"";
  if (previous == PromQLParser::LEFT_PAREN || previous == PromQLParser::COMMA) {
    return " in grouping opts, expected label";
  }
  return " in grouping opts, expected \",\" or \")\"";
}

std::string InLabelMatchers(size_t previous) {
  if (previous == PromQLParser::LEFT_BRACE || previous == PromQLParser::COMMA) {
    return " in label matching, expected identifier or \"}\"";
  }
  return " in label matching, expected \",\" or \"}\"";
}

std::string InLabelMatcher(Rule& rule, Rule* inner) {
  if (rule.children.empty()) return "";  // nothing of it yet: as InLabelMatchers says
  if (inner != nullptr || rule.children.size() == 1) {
    return " in label matching, expected label matching operator";
  }
  return " in label matching, expected string";
}

std::string InBrackets(Rule& rule, Rule* inner) {
  size_t durations = 0;
  bool colon = false;
  for (antlr4::tree::ParseTree* child : rule.children) {
    const size_t type = TokenTypeOf(child);
    if (type == antlr4::Token::INVALID_TYPE && child != inner) ++durations;
    if (type == PromQLParser::COLON) colon = true;
  }
  if (durations == 0) return " in subquery selector, expected number or duration";
  if (!colon) return " in subquery or range, expected \":\" or \"]\"";
  if (durations == 1) return " in subquery selector, expected number or duration or \"]\"";
  return " in subquery selector, expected \"]\"";
}

std::string InModifier(Rule& rule, Rule* inner) {
  if (Begins(rule, PromQLParser::OFFSET)) return " in offset, expected number or duration";
  if (Begins(rule, PromQLParser::AT)) return " in @, expected timestamp";
  if (Begins(rule, PromQLParser::LEFT_BRACKET)) return InBrackets(rule, inner);
  return "";
}

std::string Construct(Rule* rule, size_t previous) {
  if (previous == PromQLParser::GROUP_LEFT || previous == PromQLParser::GROUP_RIGHT) {
    return " in grouping opts, expected \"(\"";
  }
  Rule* inner = nullptr;
  for (; rule != nullptr; inner = rule, rule = static_cast<Rule*>(rule->parent)) {
    std::string found;
    switch (rule->getRuleIndex()) {
      case PromQLParser::RuleLabelList:
        found = InLabelList(*rule, previous);
        break;
      case PromQLParser::RuleLabelMatchers:
        found = InLabelMatchers(previous);
        break;
      case PromQLParser::RuleLabelMatcher:
        found = InLabelMatcher(*rule, inner);
        break;
      case PromQLParser::RuleModifier:
        found = InModifier(*rule, inner);
        break;
      case PromQLParser::RuleAggregation:
        found = " in aggregation";
        break;
      default:
        break;
    }
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace

absl::Status SyntaxError(std::string_view query, antlr4::BufferedTokenStream& tokens,
                         const antlr4::Token& offending, const antlr4::ParserRuleContext* rule) {
  if (const auto lexical = FindLexicalError(query, tokens, offending)) {
    return ParseError(query, lexical->offset, lexical->reason);
  }
  const size_t offset =
      offending.getType() == antlr4::Token::EOF ? query.size() : offending.getStartIndex();
  const size_t index = offending.getTokenIndex();
  const size_t previous =
      index == 0 ? antlr4::Token::INVALID_TYPE : tokens.get(index - 1)->getType();
  return ParseError(query, offset,
                    StrCat("unexpected ", Describe(query, offending), Construct(rule, previous)));
}

}  // namespace tidemark::promql
