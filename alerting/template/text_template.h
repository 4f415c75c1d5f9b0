#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "alerting/template/template_function.h"
#include "alerting/template/template_value.h"

namespace tidemark::alerting {

// A template of Go's package text/template, as Prometheus's alerts use them: fields, variables,
// pipelines, if, with, range, break, continue, comments, trim markers, and the functions of
// template_function.h. Immutable, cheap to copy, thread-safe.
// Departs from Go: no define, template and block; range takes no integers; a result ends at 1 MiB;
// a call of a method is an unknown field; the places in messages are by line alone.
class TextTemplate {
 public:
  using Variable = std::pair<std::string, TemplateValue>;  // its name has a dollar

  // `name` is what errors call it; `variables` are the names that Execute will be given.
  //   InvalidArgument  "template: NAME:LINE: reason"
  static absl::StatusOr<TextTemplate> Parse(std::string_view text, std::string_view name,
                                            std::span<const std::string> variables = {});

  // The text with its actions carried out; `dot` is also `$`.
  //   InvalidArgument    "template: NAME: executing "NAME" at <SOURCE>: reason"
  //   ResourceExhausted  the result is too long
  absl::StatusOr<std::string> Execute(const TemplateValue& dot, std::span<const Variable> variables,
                                      const TemplateEnvironment& environment) const;

 private:
  struct Tree;
  explicit TextTemplate(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}
  std::shared_ptr<const Tree> tree_;
};

}  // namespace tidemark::alerting
