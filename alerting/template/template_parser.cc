#include "alerting/template/template_parser.h"

#include <algorithm>

#include "alerting/template/template_lexer.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

using Kind = TemplateToken::Kind;

constexpr int kMaxDepth = 100;  // of blocks and parentheses, which the parser recurses into

bool IsKeyword(std::string_view word) {
  constexpr std::string_view kKeywords[] = {"if",    "else",     "end",    "with",     "range",
                                            "break", "continue", "define", "template", "block"};
  return std::find(std::begin(kKeywords), std::end(kKeywords), word) != std::end(kKeywords);
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<TemplateToken> tokens,
         std::span<const std::string> variables)
      : text_(text), tokens_(std::move(tokens)), variables_(variables.begin(), variables.end()) {
    variables_.emplace_back("$");
  }

  absl::StatusOr<std::vector<TemplateNode>> Run() {
    std::vector<TemplateNode> nodes;
    ASSIGN_OR_RETURN(const Stop stop, ParseNodes(&nodes));
    if (stop == Stop::kEnd) return Error("unexpected {{end}}");
    if (stop == Stop::kElse) return Error("unexpected {{else}}");
    return nodes;
  }

 private:
  const TemplateToken& Peek(size_t ahead = 0) const {
    return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
  }
  const TemplateToken& Take() {
    const TemplateToken& token = Peek();
    if (next_ + 1 < tokens_.size()) ++next_;
    return token;
  }
  bool TakeIf(Kind kind) {
    if (Peek().kind != kind) return false;
    Take();
    return true;
  }
  bool AtWord(std::string_view word) const {
    return Peek().kind == Kind::kIdentifier && Peek().text == word;
  }
  absl::Status Error(std::string_view reason) const {
    return absl::InvalidArgumentError(StrCat(Peek().line, ": ", reason));
  }
  absl::Status Unexpected(std::string_view where) const {
    const TemplateToken& token = Peek();
    if (token.kind == Kind::kEnd) return Error("unexpected EOF");
    return Error(
        StrCat("unexpected <", text_.substr(token.begin, token.end - token.begin), "> in ", where));
  }
  std::string Source(size_t begin, size_t end) const {
    return std::string(text_.substr(begin, end - begin));
  }

  static TemplateNode& AddNode(TemplateNode::Kind kind, std::vector<TemplateNode>* nodes) {
    TemplateNode& node = nodes->emplace_back();
    node.kind = kind;
    return node;
  }

  // What a list of nodes ends with: the template, or a word that belongs to the block around.
  enum class Stop { kTemplate, kEnd, kElse };

  // Reads up to behind such a word; its closing is not taken.
  absl::StatusOr<Stop> ParseNodes(std::vector<TemplateNode>* nodes) {
    const size_t scope = variables_.size();
    while (Peek().kind != Kind::kEnd) {
      if (Peek().kind == Kind::kText) {
        AddNode(TemplateNode::Kind::kText, nodes).text = Take().text;
        continue;
      }
      Take();  // {{
      if (AtWord("end") || AtWord("else")) {
        variables_.resize(scope);
        return Take().text == "end" ? Stop::kEnd : Stop::kElse;
      }
      RETURN_IF_ERROR(ParseAction(nodes));
    }
    variables_.resize(scope);
    return Stop::kTemplate;
  }

  absl::Status ParseAction(std::vector<TemplateNode>* nodes) {
    if (Peek().kind != Kind::kIdentifier || !IsKeyword(Peek().text)) {
      TemplateNode& node = AddNode(TemplateNode::Kind::kAction, nodes);
      ASSIGN_OR_RETURN(node.pipeline, ParsePipeline("command", Kind::kClose));
      return absl::OkStatus();
    }
    if (AtWord("if")) return ParseBlock(TemplateNode::Kind::kIf, nodes);
    if (AtWord("with")) return ParseBlock(TemplateNode::Kind::kWith, nodes);
    if (AtWord("range")) return ParseBlock(TemplateNode::Kind::kRange, nodes);
    if (AtWord("break") || AtWord("continue")) return ParseLoopExit(nodes);
    return Error(StrCat("{{", Peek().text, "}} is not supported"));
  }

  absl::Status ParseLoopExit(std::vector<TemplateNode>* nodes) {
    if (loop_depth_ == 0) return Error(StrCat("{{", Peek().text, "}} outside {{range}}"));
    AddNode(AtWord("break") ? TemplateNode::Kind::kBreak : TemplateNode::Kind::kContinue, nodes);
    Take();
    return TakeIf(Kind::kClose) ? absl::OkStatus() : Unexpected("break or continue");
  }

  // `if`, `with` or `range` from its keyword to behind its {{end}}.
  absl::Status ParseBlock(TemplateNode::Kind kind, std::vector<TemplateNode>* nodes) {
    if (++depth_ > kMaxDepth) return Error("blocks are nested too deeply");
    const std::string keyword = Take().text;
    const size_t scope = variables_.size();
    TemplateNode node;
    node.kind = kind;
    ASSIGN_OR_RETURN(node.pipeline, ParsePipeline(keyword, Kind::kClose));
    const bool loops = kind == TemplateNode::Kind::kRange;
    loop_depth_ += loops;
    ASSIGN_OR_RETURN(Stop stop, ParseNodes(&node.body));
    loop_depth_ -= loops;
    if (stop == Stop::kElse && !loops && AtWord(keyword)) {
      // {{else if}}: a block of its own, whose {{end}} ends this one too.
      RETURN_IF_ERROR(ParseBlock(kind, &node.otherwise));
    } else {
      if (stop == Stop::kElse) {
        if (!TakeIf(Kind::kClose)) return Unexpected("else");
        ASSIGN_OR_RETURN(stop, ParseNodes(&node.otherwise));
        if (stop == Stop::kElse) return Error("expected end; found {{else}}");
      }
      if (stop != Stop::kEnd) return Error("unexpected EOF");
      if (!TakeIf(Kind::kClose)) return Unexpected("end");
    }
    variables_.resize(scope);
    nodes->push_back(std::move(node));
    --depth_;
    return absl::OkStatus();
  }

  // From behind the keyword, or the opening, to behind `close`.
  absl::StatusOr<TemplatePipeline> ParsePipeline(std::string_view where, Kind close) {
    TemplatePipeline pipeline;
    RETURN_IF_ERROR(ParseDeclaration(where, &pipeline));
    do {
      ASSIGN_OR_RETURN(TemplateCommand command, ParseCommand(where, close));
      if (!pipeline.commands.empty() &&
          command.operands[0].kind != TemplateOperand::Kind::kFunction) {
        return Error(
            StrCat("non executable command in pipeline stage ", pipeline.commands.size() + 1));
      }
      pipeline.commands.push_back(std::move(command));
    } while (TakeIf(Kind::kPipe));
    if (!TakeIf(close)) return Unexpected(where);
    // Only now: `$x := $x` means an outer one on the right.
    if (pipeline.declares) {
      variables_.insert(variables_.end(), pipeline.variables.begin(), pipeline.variables.end());
    }
    return pipeline;
  }

  // `$x :=`, `$x =`, and for range `$i, $x :=`, where one of them is next.
  absl::Status ParseDeclaration(std::string_view where, TemplatePipeline* pipeline) {
    if (Peek().kind != Kind::kVariable) return absl::OkStatus();
    const bool pair =
        where == "range" && Peek(1).kind == Kind::kComma && Peek(2).kind == Kind::kVariable;
    const Kind sign = Peek(pair ? 3 : 1).kind;
    if (sign != Kind::kDeclare && sign != Kind::kAssign) return absl::OkStatus();
    pipeline->variables.push_back(Take().text);
    if (pair) {
      Take();
      pipeline->variables.push_back(Take().text);
    }
    Take();
    pipeline->declares = sign == Kind::kDeclare;
    if (pipeline->declares) return absl::OkStatus();
    for (const std::string& name : pipeline->variables) RETURN_IF_ERROR(CheckVariable(name));
    return absl::OkStatus();
  }

  absl::Status CheckVariable(std::string_view name) const {
    if (std::find(variables_.begin(), variables_.end(), name) != variables_.end()) {
      return absl::OkStatus();
    }
    return Error(StrCat("undefined variable \"", name, "\""));
  }

  absl::StatusOr<TemplateCommand> ParseCommand(std::string_view where, Kind close) {
    TemplateCommand command;
    const size_t begin = Peek().begin;
    size_t end = begin;
    while (Peek().kind != close && Peek().kind != Kind::kPipe) {
      ASSIGN_OR_RETURN(TemplateOperand operand, ParseOperand(where));
      command.operands.push_back(std::move(operand));
      end = tokens_[next_ - 1].end;
    }
    if (command.operands.empty()) return Error(StrCat("missing value for ", where));
    const TemplateOperand& first = command.operands[0];
    if (first.kind == TemplateOperand::Kind::kNil) return Error("nil is not a command");
    command.source = Source(begin, end);
    if (first.kind != TemplateOperand::Kind::kFunction && command.operands.size() > 1) {
      return Error(StrCat("can't give argument to non-function ", first.source));
    }
    return command;
  }

  absl::StatusOr<TemplateOperand> ParseOperand(std::string_view where) {
    TemplateOperand operand;
    const size_t begin = Peek().begin;
    RETURN_IF_ERROR(ParseTerm(where, &operand));
    while (Peek().kind == Kind::kField && !Peek().space_before) {
      if (operand.kind == TemplateOperand::Kind::kLiteral ||
          operand.kind == TemplateOperand::Kind::kNil ||
          operand.kind == TemplateOperand::Kind::kFunction) {
        return Error(StrCat("unexpected . after term \"", Source(begin, Peek().begin), "\""));
      }
      operand.fields.push_back(Take().text);
    }
    operand.source = Source(begin, tokens_[next_ - 1].end);
    return operand;
  }

  // An operand without the fields behind it; `.a` is the dot with a first field.
  absl::Status ParseTerm(std::string_view where, TemplateOperand* operand) {
    const TemplateToken& token = Peek();
    switch (token.kind) {
      case Kind::kLiteral:
        operand->kind = TemplateOperand::Kind::kLiteral;
        operand->literal = token.value;
        break;
      case Kind::kDot:
        operand->kind = TemplateOperand::Kind::kDot;
        break;
      case Kind::kField:
        operand->kind = TemplateOperand::Kind::kDot;
        operand->fields.push_back(token.text);
        break;
      case Kind::kVariable:
        RETURN_IF_ERROR(CheckVariable(token.text));
        operand->kind = TemplateOperand::Kind::kVariable;
        operand->name = token.text;
        break;
      case Kind::kIdentifier:
        return ParseFunctionName(where, operand);
      case Kind::kOpenParen:
        return ParseParentheses(operand);
      default:
        return Unexpected(where);
    }
    Take();
    return absl::OkStatus();
  }

  absl::Status ParseFunctionName(std::string_view where, TemplateOperand* operand) {
    const std::string& name = Peek().text;
    if (name == "nil") {
      operand->kind = TemplateOperand::Kind::kNil;
      Take();
      return absl::OkStatus();
    }
    if (IsKeyword(name)) return Unexpected(where);
    operand->kind = TemplateOperand::Kind::kFunction;
    operand->function = FindTemplateFunction(name);
    if (operand->function == nullptr) {
      return Error(StrCat("function \"", name, "\" not defined"));
    }
    Take();
    return absl::OkStatus();
  }

  absl::Status ParseParentheses(TemplateOperand* operand) {
    if (++depth_ > kMaxDepth) return Error("parentheses are nested too deeply");
    Take();
    operand->kind = TemplateOperand::Kind::kPipeline;
    ASSIGN_OR_RETURN(TemplatePipeline pipeline,
                     ParsePipeline("parenthesized pipeline", Kind::kCloseParen));
    operand->pipeline = std::make_unique<TemplatePipeline>(std::move(pipeline));
    --depth_;
    return absl::OkStatus();
  }

  const std::string_view text_;
  const std::vector<TemplateToken> tokens_;
  size_t next_ = 0;
  std::vector<std::string> variables_;  // in scope, innermost last
  int depth_ = 0, loop_depth_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<TemplateNode>> ParseTemplate(std::string_view text,
                                                        std::span<const std::string> variables) {
  ASSIGN_OR_RETURN(std::vector<TemplateToken> tokens, LexTemplate(text));
  return Parser(text, std::move(tokens), variables).Run();
}

}  // namespace tidemark::alerting
