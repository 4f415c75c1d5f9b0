#include "promql/parser/syntax_tree.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "PromQLLexer.h"
#include "PromQLParser.h"
#include "antlr4-runtime.h"
#include "base/status_macros.h"
#include "promql/parser/parse_error.h"
#include "promql/parser/query_stream.h"
#include "promql/parser/syntax_error.h"

namespace tidemark::promql {
namespace {

using antlr::PromQLLexer;
using antlr::PromQLParser;

// Thrown by StopAtFirstError and caught in this file.
struct Stopped {
  const antlr4::Token* token;
  const antlr4::ParserRuleContext* rule;
};

// Ends a parse at its first error; ANTLR's way of going on would only give guesses.
class StopAtFirstError final : public antlr4::DefaultErrorStrategy {
 public:
  void reportError(antlr4::Parser*, const antlr4::RecognitionException&) override {}
  void sync(antlr4::Parser*) override {}
  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    throw Stopped{parser->getCurrentToken(), parser->getContext()};
  }
  void recover(antlr4::Parser* parser, std::exception_ptr error) override {
    try {
      std::rethrow_exception(error);
    } catch (const antlr4::RecognitionException& e) {
      throw Stopped{e.getOffendingToken(), parser->getContext()};
    }
  }
};

bool Opens(size_t type) {
  return type == PromQLLexer::LEFT_PAREN || type == PromQLLexer::LEFT_BRACKET ||
         type == PromQLLexer::LEFT_BRACE;
}
bool Closes(size_t type) {
  return type == PromQLLexer::RIGHT_PAREN || type == PromQLLexer::RIGHT_BRACKET ||
         type == PromQLLexer::RIGHT_BRACE;
}

absl::Status CheckNesting(std::string_view query, antlr4::BufferedTokenStream& tokens) {
  int depth = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const antlr4::Token& token = *tokens.get(i);
    if (Closes(token.getType())) --depth;
    if (Opens(token.getType()) && ++depth > kMaxNesting) {
      return ParseError(query, token.getStartIndex(),
                        absl::StrCat("brackets nested deeper than ", kMaxNesting, " levels"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

struct SyntaxTree::Machine {
  explicit Machine(std::string_view query)
      : stream(MakeQueryStream(query)), lexer(stream.get()), tokens(&lexer), parser(&tokens) {
    lexer.removeErrorListeners();
    parser.removeErrorListeners();
    parser.setErrorHandler(std::make_shared<StopAtFirstError>());
  }

  // Reads the words, and no more of them than a query may have.
  absl::Status ReadWords(std::string_view query) {
    tokens.seek(kMaxWords);  // what lies before is read on the way
    const antlr4::Token& last = *tokens.get(tokens.size() - 1);
    if (last.getType() != antlr4::Token::EOF) {
      return ParseError(query, last.getStartIndex(),
                        absl::StrCat("query longer than ", kMaxWords, " words"));
    }
    tokens.seek(0);
    if (tokens.size() <= 1) return ParseError(query, 0, "no expression found in input");
    return absl::OkStatus();
  }

  // The root, or where the parse stopped.
  antlr4::ParserRuleContext* Run(Start start, antlr4::atn::PredictionMode mode,
                                 std::optional<Stopped>& stopped) {
    stopped.reset();
    parser.reset();
    parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(mode);
    try {
      if (start == Start::kSelector) return parser.selectorQuery();
      return parser.query();
    } catch (const Stopped& where) {
      stopped = where;
      return nullptr;
    }
  }

  std::unique_ptr<antlr4::CharStream> stream;
  PromQLLexer lexer;
  antlr4::CommonTokenStream tokens;
  PromQLParser parser;
};

absl::StatusOr<SyntaxTree> SyntaxTree::Parse(std::string_view query, Start start) {
  auto machine = std::make_unique<Machine>(query);
  RETURN_IF_ERROR(machine->ReadWords(query));
  RETURN_IF_ERROR(CheckNesting(query, machine->tokens));

  // The quick way to predict fails on a few queries that are fine, the thorough one on none.
  std::optional<Stopped> stopped;
  antlr4::ParserRuleContext* root = machine->Run(start, antlr4::atn::PredictionMode::SLL, stopped);
  if (root == nullptr) root = machine->Run(start, antlr4::atn::PredictionMode::LL, stopped);
  if (root == nullptr) return SyntaxError(query, machine->tokens, *stopped->token, stopped->rule);
  return SyntaxTree(query, std::move(machine), root);
}

SyntaxTree::SyntaxTree(std::string_view query, std::unique_ptr<Machine> machine,
                       antlr4::ParserRuleContext* root)
    : query_(query), machine_(std::move(machine)), root_(root) {}
SyntaxTree::SyntaxTree(SyntaxTree&&) noexcept = default;
SyntaxTree::~SyntaxTree() = default;

}  // namespace tidemark::promql
