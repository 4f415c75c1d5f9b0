#include "promql/parser/lexical_error.h"

#include "PromQLLexer.h"
#include "antlr4-runtime.h"
#include "base/strings.h"
#include "promql/parser/number_literal.h"
#include "promql/parser/parse_error.h"
#include "promql/parser/string_literal.h"

namespace tidemark::promql {
namespace {

using antlr::PromQLLexer;

std::string_view TextOf(std::string_view query, const antlr4::Token& token) {
  return query.substr(token.getStartIndex(), token.getStopIndex() - token.getStartIndex() + 1);
}

// Which brackets are open before token number `end`.
struct OpenBrackets {
  int parens = 0;
  bool brackets = false;
  int colons = 0;         // since the last `[`
  bool duration = false;  // any word since the last `[`
  bool braces = false;
};
OpenBrackets OpenBefore(antlr4::BufferedTokenStream& tokens, size_t end) {
  OpenBrackets open;
  for (size_t i = 0; i < end; ++i) {
    switch (tokens.get(i)->getType()) {
      case PromQLLexer::LEFT_PAREN:
        ++open.parens;
        break;
      case PromQLLexer::RIGHT_PAREN:
        --open.parens;
        break;
      case PromQLLexer::LEFT_BRACKET:
        open.brackets = true;
        open.colons = 0;
        open.duration = false;
        break;
      case PromQLLexer::RIGHT_BRACKET:
        open.brackets = false;
        break;
      case PromQLLexer::LEFT_BRACE:
        open.braces = true;
        break;
      case PromQLLexer::RIGHT_BRACE:
        open.braces = false;
        break;
      case PromQLLexer::COLON:
        ++open.colons;
        break;
      default:
        open.duration = true;
    }
  }
  return open;
}

std::optional<LexicalError> AtEnd(std::string_view query, const OpenBrackets& open) {
  if (open.braces) return LexicalError{query.size(), "unexpected end of input inside braces"};
  if (open.brackets && !open.duration) {
    return LexicalError{query.size(), "unexpected end of input in duration expression"};
  }
  if (open.parens > 0) return LexicalError{query.size(), "unclosed left parenthesis"};
  if (open.brackets) return LexicalError{query.size(), "unclosed left bracket"};
  return std::nullopt;
}

std::optional<LexicalError> AtColon(const antlr4::Token& token, const OpenBrackets& open) {
  if (open.colons > 0) {
    return LexicalError{token.getStartIndex(), "unexpected colon ':'"};
  }
  if (!open.duration) {
    return LexicalError{token.getStopIndex() + 1,
                        "unexpected colon before duration in duration expression"};
  }
  return std::nullopt;
}

std::string BadCharacter(std::string_view rest) {
  const std::string_view next = rest.substr(1);
  if (rest[0] == '!') return StrCat("unexpected character after '!': ", QuoteCharacter(next));
  if (rest[0] == ']') return "unexpected right bracket ']'";
  return StrCat("unexpected character: ", QuoteCharacter(rest));
}

std::string BadCharacterInBraces(std::string_view rest) {
  if (rest[0] == '{') return "unexpected left brace '{'";
  if (rest[0] == '!') {
    return StrCat("unexpected character after '!' inside braces: ", QuoteCharacter(rest.substr(1)));
  }
  return StrCat("unexpected character inside braces: ", QuoteCharacter(rest));
}

// `1e` with the sign of its exponent, if that is what comes next.
std::string_view NumberWithSign(std::string_view query, std::string_view number) {
  const size_t end = static_cast<size_t>(number.data() - query.data()) + number.size();
  const bool sign = end < query.size() && (query[end] == '+' || query[end] == '-');
  const bool exponent = number.ends_with('e') || number.ends_with('E');
  return std::string_view(number.data(), number.size() + (sign && exponent ? 1 : 0));
}

}  // namespace

std::optional<LexicalError> FindLexicalError(std::string_view query,
                                             antlr4::BufferedTokenStream& tokens,
                                             const antlr4::Token& token) {
  const size_t type = token.getType();
  if (type == antlr4::Token::EOF) return AtEnd(query, OpenBefore(tokens, token.getTokenIndex()));
  const size_t begin = token.getStartIndex();
  const std::string_view rest = query.substr(begin);
  switch (type) {
    case PromQLLexer::BAD_CHARACTER:
      return LexicalError{begin, BadCharacter(rest)};
    case PromQLLexer::BAD_BRACES_CHARACTER:
      return LexicalError{begin, BadCharacterInBraces(rest)};
    case PromQLLexer::BAD_BRACKETS_CHARACTER:
      return LexicalError{
          begin, StrCat("unexpected character in duration expression: ", QuoteCharacter(rest))};
    case PromQLLexer::BAD_EQUAL:
      return LexicalError{begin, "unexpected character after '=': '~'"};
    case PromQLLexer::BAD_STRING:
      return LexicalError{begin, WhyBadString(TextOf(query, token))};
    case PromQLLexer::BAD_NUMBER:
      return LexicalError{begin, WhyBadNumber(NumberWithSign(query, TextOf(query, token)))};
    case PromQLLexer::COLON:
      return AtColon(token, OpenBefore(tokens, token.getTokenIndex()));
    case PromQLLexer::RIGHT_PAREN:
      if (OpenBefore(tokens, token.getTokenIndex()).parens > 0) return std::nullopt;
      return LexicalError{begin + 1, "unexpected right parenthesis ')'"};
    default:
      return std::nullopt;
  }
}

}  // namespace tidemark::promql
