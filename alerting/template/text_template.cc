#include "alerting/template/text_template.h"

#include <optional>

#include "alerting/template/go_format.h"
#include "alerting/template/template_ast.h"
#include "alerting/template/template_parser.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

constexpr size_t kMaxOutputBytes = 1 << 20;

// One run of a template.
class Execution {
 public:
  Execution(std::span<const TextTemplate::Variable> variables, const TemplateValue& dot,
            const TemplateEnvironment& environment)
      : environment_(environment), variables_(variables.begin(), variables.end()) {
    variables_.emplace_back("$", dot);
  }

  absl::Status Run(const std::vector<TemplateNode>& nodes, const TemplateValue& dot) {
    const size_t scope = variables_.size();
    for (const TemplateNode& node : nodes) {
      RETURN_IF_ERROR(RunNode(node, dot));
      if (out_.size() > kMaxOutputBytes) {
        return absl::ResourceExhaustedError("the text is too long");
      }
      if (loop_exit_) break;
    }
    variables_.resize(scope);
    return absl::OkStatus();
  }
  std::string TakeOutput() { return std::move(out_); }

 private:
  absl::Status RunNode(const TemplateNode& node, const TemplateValue& dot) {
    switch (node.kind) {
      case TemplateNode::Kind::kText:
        out_.append(node.text);
        return absl::OkStatus();
      case TemplateNode::Kind::kBreak:
      case TemplateNode::Kind::kContinue:
        loop_exit_ = node.kind;
        return absl::OkStatus();
      case TemplateNode::Kind::kAction: {
        ASSIGN_OR_RETURN(const TemplateValue value, Evaluate(node.pipeline, dot));
        if (!node.pipeline.variables.empty()) return absl::OkStatus();
        out_.append(value.IsNil() ? "<no value>" : FormatGoValue(value));
        return absl::OkStatus();
      }
      case TemplateNode::Kind::kIf:
      case TemplateNode::Kind::kWith:
        return RunChoice(node, dot);
      case TemplateNode::Kind::kRange:
        return RunRange(node, dot);
    }
    return absl::OkStatus();
  }

  absl::Status RunChoice(const TemplateNode& node, const TemplateValue& dot) {
    const size_t scope = variables_.size();
    ASSIGN_OR_RETURN(const TemplateValue value, Evaluate(node.pipeline, dot));
    const bool with = node.kind == TemplateNode::Kind::kWith;
    const absl::Status status =
        value.Truth() ? Run(node.body, with ? value : dot) : Run(node.otherwise, dot);
    variables_.resize(scope);
    return status;
  }

  absl::Status RunRange(const TemplateNode& node, const TemplateValue& dot) {
    const size_t scope = variables_.size();
    ASSIGN_OR_RETURN(const TemplateValue value, EvaluateCommands(node.pipeline, dot));
    std::vector<std::pair<TemplateValue, TemplateValue>> items;  // key or index, and element
    if (const TemplateValue::List* list = value.AsList()) {
      for (const TemplateValue& element : *list) {
        items.emplace_back(TemplateValue::Int(static_cast<int64_t>(items.size())), element);
      }
    } else if (const TemplateValue::Map* map = value.AsMap();
               map != nullptr && map->kind != TemplateValue::MapKind::kStruct) {
      for (const auto& field : map->fields) {
        items.emplace_back(TemplateValue::String(field.name), field.value);
      }
    } else if (!value.IsNil()) {
      return absl::InvalidArgumentError(StrCat("range can't iterate over ", FormatGoValue(value)));
    }
    for (const auto& [key, element] : items) {
      const std::vector<std::string>& names = node.pipeline.variables;
      if (names.size() == 2) SetVariable(names[0], node.pipeline.declares, key);
      if (!names.empty()) SetVariable(names.back(), node.pipeline.declares, element);
      RETURN_IF_ERROR(Run(node.body, element));
      if (node.pipeline.declares) variables_.resize(scope);
      if (std::exchange(loop_exit_, std::nullopt) == TemplateNode::Kind::kBreak) break;
    }
    return items.empty() ? Run(node.otherwise, dot) : absl::OkStatus();
  }

  void SetVariable(const std::string& name, bool declare, const TemplateValue& value) {
    if (declare) {
      variables_.emplace_back(name, value);
      return;
    }
    for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
      if (it->first != name) continue;
      it->second = value;
      return;
    }
  }

  absl::StatusOr<TemplateValue> Evaluate(const TemplatePipeline& pipeline,
                                         const TemplateValue& dot) {
    ASSIGN_OR_RETURN(TemplateValue value, EvaluateCommands(pipeline, dot));
    for (const std::string& name : pipeline.variables) {
      SetVariable(name, pipeline.declares, value);
    }
    return value;
  }

  absl::StatusOr<TemplateValue> EvaluateCommands(const TemplatePipeline& pipeline,
                                                 const TemplateValue& dot) {
    std::optional<TemplateValue> value;  // of the command before
    for (const TemplateCommand& command : pipeline.commands) {
      const TemplateOperand& first = command.operands[0];
      auto result = first.kind == TemplateOperand::Kind::kFunction ? Call(command, dot, value)
                                                                   : Read(first, dot);
      if (!result.ok()) return result.status();
      value = *std::move(result);
    }
    return *std::move(value);
  }

  absl::Status At(std::string_view source, std::string_view reason) const {
    return absl::InvalidArgumentError(StrCat("at <", source, ">: ", reason));
  }

  // The value of an operand; a function is called without arguments.
  absl::StatusOr<TemplateValue> Read(const TemplateOperand& operand, const TemplateValue& dot) {
    TemplateValue value;
    switch (operand.kind) {
      case TemplateOperand::Kind::kNil:
        return value;
      case TemplateOperand::Kind::kLiteral:
        return operand.literal;
      case TemplateOperand::Kind::kDot:
        value = dot;
        break;
      case TemplateOperand::Kind::kVariable:
        for (const auto& [name, held] : variables_) {
          if (name == operand.name) value = held;  // the last is the innermost
        }
        break;
      case TemplateOperand::Kind::kPipeline: {
        ASSIGN_OR_RETURN(value, Evaluate(*operand.pipeline, dot));
        break;
      }
      case TemplateOperand::Kind::kFunction:
        return CallFunction(*operand.function, {}, operand.source);
    }
    for (const std::string& field : operand.fields) {
      std::optional<TemplateValue> next = value.Get(field);
      if (next) {
        value = *std::move(next);
        continue;
      }
      const TemplateValue::Map* map = value.AsMap();
      if (map == nullptr || map->kind == TemplateValue::MapKind::kStruct) {
        return At(operand.source,
                  value.IsNil()
                      ? StrCat("nil data; no entry for key \"", field, "\"")
                      : StrCat("can't evaluate field ", field, " in type ", value.TypeName()));
      }
      value = TemplateValue();
    }
    return value;
  }

  absl::StatusOr<TemplateValue> Call(const TemplateCommand& command, const TemplateValue& dot,
                                     const std::optional<TemplateValue>& last) {
    const TemplateFunction& function = *command.operands[0].function;
    // `and` and `or` stop at the argument that decides.
    const bool is_and = function.name == "and", is_or = function.name == "or";
    std::vector<TemplateValue> arguments;
    for (size_t i = 1; i < command.operands.size(); ++i) {
      ASSIGN_OR_RETURN(TemplateValue value, Read(command.operands[i], dot));
      arguments.push_back(std::move(value));
      if ((is_and && !arguments.back().Truth()) || (is_or && arguments.back().Truth())) {
        return arguments.back();
      }
    }
    if (last) arguments.push_back(*last);
    return CallFunction(function, arguments, command.source);
  }

  absl::StatusOr<TemplateValue> CallFunction(const TemplateFunction& function,
                                             std::span<const TemplateValue> arguments,
                                             std::string_view source) const {
    const size_t n = arguments.size();
    if (n < function.min_arguments || n > function.max_arguments) {
      const bool open = function.max_arguments == TemplateFunction::kAnyNumber;
      return At(source, StrCat("wrong number of args for ", function.name, ": want ",
                               open ? "at least " : "", function.min_arguments, " got ", n));
    }
    auto result = function.call(arguments, environment_);
    if (result.ok()) return result;
    return At(source,
              StrCat("error calling ", function.name, ": ", ToStd(result.status().message())));
  }

  const TemplateEnvironment& environment_;
  std::vector<TextTemplate::Variable> variables_;  // innermost last
  std::optional<TemplateNode::Kind> loop_exit_;    // kBreak or kContinue, on its way to the loop
  std::string out_;
};

}  // namespace

struct TextTemplate::Tree {
  std::string name;
  std::vector<TemplateNode> nodes;
};

absl::StatusOr<TextTemplate> TextTemplate::Parse(std::string_view text, std::string_view name,
                                                 std::span<const std::string> variables) {
  auto nodes = ParseTemplate(text, variables);
  if (!nodes.ok()) {
    return absl::InvalidArgumentError(
        StrCat("template: ", name, ":", ToStd(nodes.status().message())));
  }
  return TextTemplate(std::make_shared<const Tree>(Tree{std::string(name), *std::move(nodes)}));
}

absl::StatusOr<std::string> TextTemplate::Execute(const TemplateValue& dot,
                                                  std::span<const Variable> variables,
                                                  const TemplateEnvironment& environment) const {
  Execution execution(variables, dot, environment);
  if (absl::Status status = execution.Run(tree_->nodes, dot); !status.ok()) {
    return absl::Status(status.code(), ToAbsl(StrCat("template: ", tree_->name, ": executing \"",
                                                     tree_->name, "\" ", ToStd(status.message()))));
  }
  return execution.TakeOutput();
}

}  // namespace tidemark::alerting
