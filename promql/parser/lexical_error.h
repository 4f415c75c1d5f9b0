#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace antlr4 {
class BufferedTokenStream;
class Token;
}  // namespace antlr4

namespace tidemark::promql {

struct LexicalError {
  size_t offset;  // into the query
  std::string reason;
};

// What is wrong with `token` as a word, where a parse stopped at it: a bad number or string, a
// character that no word has, brackets that do not match, a query that ends within brackets.
// nullopt for a good word in a wrong place.
std::optional<LexicalError> FindLexicalError(std::string_view query,
                                             antlr4::BufferedTokenStream& tokens,
                                             const antlr4::Token& token);

}  // namespace tidemark::promql
