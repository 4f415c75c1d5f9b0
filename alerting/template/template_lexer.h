#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "alerting/template/template_value.h"

namespace tidemark::alerting {

struct TemplateToken {
  enum class Kind {
    kText,        // outside of actions; `text` is what to print
    kOpen,        // {{
    kClose,       // }}
    kDot,         // .
    kField,       // .name; `text` without the dot
    kVariable,    // $ or $name; `text` with the dollar
    kIdentifier,  // a name or a keyword
    kLiteral,     // a number, string, character or boolean; `value`
    kPipe,
    kOpenParen,
    kCloseParen,
    kDeclare,  // :=
    kAssign,   // =
    kComma,
    kEnd,  // of the template
  };
  Kind kind = Kind::kEnd;
  std::string text;
  TemplateValue value;
  bool space_before = false;  // so that `$x.a` and `$x .a` differ
  int line = 1;               // from 1
  size_t begin = 0, end = 0;  // in the template
};

// Cuts a template into tokens: texts, trimmed where `{{-` and `-}}` say so, and actions; comments
// are gone. The last token is kEnd.  InvalidArgument "LINE: reason"
absl::StatusOr<std::vector<TemplateToken>> LexTemplate(std::string_view text);

}  // namespace tidemark::alerting
