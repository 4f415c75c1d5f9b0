#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "alerting/template/template_function.h"
#include "alerting/template/template_value.h"

// A template as a tree: plain data, made by template_parser.h and never changed after.
namespace tidemark::alerting {

struct TemplatePipeline;

// One word of a command, with the fields that are read from it: `$labels.job`, `(f x).Value`.
struct TemplateOperand {
  enum class Kind { kLiteral, kNil, kDot, kVariable, kFunction, kPipeline };
  Kind kind = Kind::kNil;
  TemplateValue literal;
  std::string name;                            // of a variable, with its dollar
  const TemplateFunction* function = nullptr;  // lives for ever
  std::unique_ptr<TemplatePipeline> pipeline;  // in parentheses
  std::vector<std::string> fields;
  std::string source;  // as written, for messages
};

// A function with its arguments, or one operand alone.
struct TemplateCommand {
  std::vector<TemplateOperand> operands;  // never empty
  std::string source;                     // as written, for messages
};

// `$x := a b | c`: the value of a command is the last argument of the next.
struct TemplatePipeline {
  std::vector<std::string> variables;  // with their dollars; two only for `range`
  bool declares = false;               // := and not =
  std::vector<TemplateCommand> commands;
};

struct TemplateNode {
  enum class Kind { kText, kAction, kIf, kWith, kRange, kBreak, kContinue };
  Kind kind = Kind::kText;
  std::string text;           // of kText
  TemplatePipeline pipeline;  // of all kinds but kText, kBreak and kContinue
  std::vector<TemplateNode> body, otherwise;
};

}  // namespace tidemark::alerting
