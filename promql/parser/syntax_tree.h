#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"

namespace antlr4 {
class ParserRuleContext;
}

namespace tidemark::promql {

// How deep brackets may nest. Deeper queries are refused before they are parsed, because parsing
// takes stack for each level.
inline constexpr int kMaxNesting = 500;
// How many words a query may have: numbers, names, strings, operators, brackets. The tree takes
// some 600 bytes for each, so this bounds what a query can cost before the engine's own limits
// hold.
inline constexpr size_t kMaxWords = 100'000;

// The tree that PromQLParser.g4 gives for a query. Whoever reads it includes the generated parser,
// which only .cc files of this folder may.
class SyntaxTree {
 public:
  enum class Start { kQuery, kSelector };  // the rules `query` and `selectorQuery`

  // `query` outlives the tree. InvalidArgument as Query::Parse, the first error in the text.
  static absl::StatusOr<SyntaxTree> Parse(std::string_view query, Start start);
  SyntaxTree(SyntaxTree&&) noexcept;
  ~SyntaxTree();

  std::string_view query() const { return query_; }
  // The context of the start rule.
  antlr4::ParserRuleContext& root() const { return *root_; }

 private:
  struct Machine;  // stream, lexer, tokens and parser, which owns the nodes
  SyntaxTree(std::string_view query, std::unique_ptr<Machine> machine,
             antlr4::ParserRuleContext* root);

  std::string_view query_;
  std::unique_ptr<Machine> machine_;
  antlr4::ParserRuleContext* root_;
};

}  // namespace tidemark::promql
