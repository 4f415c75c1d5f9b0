#include "promql/parser/rule_source.h"

#include "antlr4-runtime.h"

namespace tidemark::promql {

SourceRange SourceOf(const antlr4::ParserRuleContext& rule) {
  return {static_cast<uint32_t>(rule.start->getStartIndex()),
          static_cast<uint32_t>(rule.stop->getStopIndex() + 1)};
}

SourceRange SourceOf(const antlr4::Token& token) {
  return {static_cast<uint32_t>(token.getStartIndex()),
          static_cast<uint32_t>(token.getStopIndex() + 1)};
}

std::string_view TextOf(std::string_view query, const SourceRange& source) {
  return query.substr(source.begin, source.end - source.begin);
}

}  // namespace tidemark::promql
