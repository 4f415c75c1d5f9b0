#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "alerting/template/template_ast.h"

namespace tidemark::alerting {

// Reads a template. `variables`, with their dollars, are those that are set before it runs; `$`
// always is.
//   InvalidArgument  "LINE: reason": bad syntax, an unknown function or variable, or a part of Go's
//                    templates that is not supported (define, template, block), which is named
absl::StatusOr<std::vector<TemplateNode>> ParseTemplate(std::string_view text,
                                                        std::span<const std::string> variables);

}  // namespace tidemark::alerting
